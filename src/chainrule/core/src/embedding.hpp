// The periodic embedding of numbers, forward and back: the equations of nn/embeddings.py, on plain
// arrays.
//
//     t = b + w x      e = [x, cos 2πt]      E = a ⊙ e + c
//
// All that belongs to observations lies in columns: a vector holds one value of several of them,
// and the value number j stands at j · stride + i. The rows up to the stride are computed too, and
// come to nothing, for dE is 0 there.
#pragma once

#include "waves.hpp"

namespace chainrule::CHAINRULE_ISA {

// The parameters, one embedded input after another: width − 1 numbers of w and b for each, width of
// a and c.
template <class Number> struct EmbeddingArrays {
    Number *w, *b, *a, *c;
};

template <class Real> struct Embedding {
    int columns, width, stride;
    EmbeddingArrays<const Real> theta;

    std::ptrdiff_t at(std::ptrdiff_t value) const { return value * stride; }

    // From the embedded inputs x, of `columns` columns: the waves cos 2πt and sin 2πt, of
    // columns · (width − 1), and E, of columns · width.
    void forward(const Real* x, Real* cosines, Real* sines, Real* E) const {
        for (int j = 0; j < columns; ++j) {
            const Real *a = theta.a + j * width, *c = theta.c + j * width;
            const Real* own = x + at(j);
            Real* values = E + at(std::ptrdiff_t(j) * width);
            for (int i = 0; i < stride; i += lanes<Real>)
                store(values + i, a[0] * load(own + i) + c[0]);
            for (int q = 1; q < width; ++q) {
                const std::ptrdiff_t wave = number_of_wave(j, q);
                const Real w = theta.w[wave], b = theta.b[wave];
                Real *cosine = cosines + at(wave), *sine = sines + at(wave), *to = values + at(q);
                for (int i = 0; i < stride; i += lanes<Real>) {
                    const Waves<Real> both = waves_of_turns<Real>(w * load(own + i) + b);
                    store(cosine + i, both.cosine);
                    store(sine + i, both.sine);
                    store(to + i, a[q] * both.cosine + c[q]);
                }
            }
        }
    }

    // dc = Σ dE, da = Σ dE ⊙ e, dt = −2π sin 2πt ⊙ a ⊙ dE, db = Σ dt, dw = Σ x dt, from dE, which
    // lies as E does; `keep` adds to the gradients that are there.
    void backward(const Real* x, const Real* cosines, const Real* sines, const Real* dE,
                  const EmbeddingArrays<Real>& gradient, bool keep) const {
        for (int j = 0; j < columns; ++j) {
            const Real* own = x + at(j);
            const std::ptrdiff_t first = std::ptrdiff_t(j) * width;
            straight_back(own, dE + at(first), gradient.a[first], gradient.c[first], keep);
            for (int q = 1; q < width; ++q) {
                const std::ptrdiff_t wave = number_of_wave(j, q), value = first + q;
                const Real *d = dE + at(value), *cosine = cosines + at(wave),
                           *sine = sines + at(wave);
                straight_back(cosine, d, gradient.a[value], gradient.c[value], keep);
                const Real factor = Real(-6.283185307179586477) * theta.a[value];
                Vec<Real> db{}, dw{};
                for (int i = 0; i < stride; i += lanes<Real>) {
                    const Vec<Real> dt = factor * load(sine + i) * load(d + i);
                    db += dt;
                    dw += dt * load(own + i);
                }
                add(gradient.b[wave], db, keep);
                add(gradient.w[wave], dw, keep);
            }
        }
    }

  private:
    std::ptrdiff_t number_of_wave(int j, int q) const {
        return std::ptrdiff_t(j) * (width - 1) + q - 1;
    }
    static void add(Real& to, Vec<Real> total, bool keep) {
        to = (keep ? to : 0) + sum<Real>(total);
    }
    // da and dc of one value, whose e lies at `e`.
    void straight_back(const Real* e, const Real* d, Real& da, Real& dc, bool keep) const {
        Vec<Real> by_a{}, by_c{};
        for (int i = 0; i < stride; i += lanes<Real>) {
            by_c += load(d + i);
            by_a += load(d + i) * load(e + i);
        }
        add(da, by_a, keep);
        add(dc, by_c, keep);
    }
};

}  // namespace chainrule::CHAINRULE_ISA
