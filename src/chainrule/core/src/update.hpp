// The optimizers of optim/optimizers.py, over the padded vector: padding has no gradient and stays
// 0.
#pragma once

#include "description.hpp"
#include "vector_math.hpp"

namespace chainrule::CHAINRULE_ISA {

// One update of θ[begin … end), from the gradient g; m and s are the optimizer's memory: SGD's
// velocity is m, RMSprop's mean square too.
template <class Real> void update(const Optimizer& optimizer, double rate, std::int64_t step,
                                  std::ptrdiff_t begin, std::ptrdiff_t end, Real* theta,
                                  const Real* g, Real* m, Real* s) {
    using V = Vec<Real>;
    const Real eta = Real(rate), epsilon = Real(optimizer.epsilon);
    switch (optimizer.method) {
        case Method::sgd: {
            const Real mu = Real(optimizer.momentum);
            if (mu == 0) {
                for (auto i = begin; i < end; i += lanes<Real>)
                    store(theta + i, load(theta + i) - eta * load(g + i));
                return;
            }
            for (auto i = begin; i < end; i += lanes<Real>) {
                const V v = mu * load(m + i) - eta * load(g + i);
                store(m + i, v);
                store(theta + i,
                      load(theta + i) + (optimizer.nesterov ? mu * v - eta * load(g + i) : v));
            }
            return;
        }
        case Method::rmsprop: {
            const Real rho = Real(optimizer.decay);
            for (auto i = begin; i < end; i += lanes<Real>) {
                const V gradient = load(g + i);
                const V mean = rho * load(m + i) + Real(1 - optimizer.decay) * gradient * gradient;
                store(m + i, mean);
                store(theta + i,
                      load(theta + i) - eta * gradient / (square_root<Real>(mean) + epsilon));
            }
            return;
        }
        case Method::adam:
        case Method::adamw: {
            const double b1 = optimizer.beta_1, b2 = optimizer.beta_2;
            const Real corrected = Real(rate * __builtin_sqrt(1 - __builtin_pow(b2, double(step))) /
                                        (1 - __builtin_pow(b1, double(step))));
            const Real shrink = optimizer.method == Method::adamw
                                    ? Real(1 - rate * optimizer.weight_decay)
                                    : Real(1);
            for (auto i = begin; i < end; i += lanes<Real>) {
                const V gradient = load(g + i);
                const V first = Real(b1) * load(m + i) + Real(1 - b1) * gradient;
                const V second = Real(b2) * load(s + i) + Real(1 - b2) * gradient * gradient;
                store(m + i, first);
                store(s + i, second);
                store(theta + i, load(theta + i) * shrink -
                                     corrected * first / (square_root<Real>(second) + epsilon));
            }
        }
    }
}

}  // namespace chainrule::CHAINRULE_ISA
