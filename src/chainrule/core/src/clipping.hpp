// Gradient clipping, as optim/clipping.py has it, by a team.
#pragma once

#include "batch.hpp"

namespace chainrule::CHAINRULE_ISA {

// The norm is taken in stretches, whose sums are added in order; the cut depends on the vector's
// length alone, so that the bits do not depend on the team. The largest entry is divided out first,
// so that huge gradients have finite squares.
template <class Real> struct Clip {
    static constexpr int most = 1024;
    std::ptrdiff_t size, stretch;
    int count;
    double partial[most];

    explicit Clip(std::ptrdiff_t size_) : size(size_) {
        stretch = size / most / 4096 * 4096 + 4096;
        count = int((size + stretch - 1) / stretch);
    }

    // What the gradient is to be multiplied by.
    double factor(const Real* gradient, double clip_norm, Team& team) {
        each_task(team, count, [&](std::int64_t s, int) noexcept {
            partial[s] = double(largest_entry(gradient, s * stretch, end_of(s)));
        });
        double top = 0;
        for (int s = 0; s < count; ++s) top = partial[s] > top ? partial[s] : top;
        // An infinite or NaN gradient is left as it is: the cost will say so.
        if (top == 0 || !(top <= largest_finite)) return 1;
        each_task(team, count, [&](std::int64_t s, int) noexcept {
            partial[s] = sum_of_scaled_squares(gradient, s * stretch, end_of(s), Real(top));
        });
        double total = 0;
        for (int s = 0; s < count; ++s) total += partial[s];
        const double scaled = __builtin_sqrt(total);
        return top * scaled > clip_norm ? clip_norm / top / scaled : 1;
    }

  private:
    static constexpr double largest_finite = 0x1.fffffffffffffp1023;

    std::ptrdiff_t end_of(std::ptrdiff_t s) const {
        return (s + 1) * stretch < size ? (s + 1) * stretch : size;
    }
    static Real largest_entry(const Real* g, std::ptrdiff_t begin, std::ptrdiff_t end) {
        Vec<Real> top{};
        for (; begin < end; begin += lanes<Real>)
            top = at_least<Real>(magnitude<Real>(load(g + begin)), top);
        return largest<Real>(top);
    }
    static double sum_of_scaled_squares(const Real* g, std::ptrdiff_t begin, std::ptrdiff_t end,
                                        Real top) {
        double total = 0;
        while (begin < end) {
            Vec<Real> squares{};
            for (int k = 0; k < 16 && begin < end; ++k, begin += lanes<Real>) {
                const Vec<Real> scaled = load(g + begin) / top;
                squares += scaled * scaled;
            }
            total += double(sum<Real>(squares));
        }
        return total;
    }
};

}  // namespace chainrule::CHAINRULE_ISA
