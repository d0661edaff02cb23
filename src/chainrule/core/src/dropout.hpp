// Dropout masks from a counter: no state, so that any thread can draw any row's.
#pragma once

#include "description.hpp"
#include "panels.hpp"

namespace chainrule::CHAINRULE_ISA {

// SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014). The
// same stands in train/dropout.py, and a test compares the two.
inline std::uint64_t mixed(std::uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

// M_l for rows `from` … of a batch: 0 with probability p, else 1/(1 − p). The coin of unit j in row
// i is number i n_l + j of the layer's stream.
template <class Real>
void draw_mask(std::uint64_t key, double p, std::int64_t from, int rows, int units, Real* M) {
    const Real kept = Real(1 / (1 - p));
    const std::uint64_t limit = std::uint64_t(p * 0x1p53);
    each_panel<Real>(units, [&](int first, int own, int width) {
        for (int i = 0; i < rows; ++i, M += width) {
            const std::uint64_t number =
                key + std::uint64_t(from + i) * std::uint64_t(units) + std::uint64_t(first);
            for (int j = 0; j < own; ++j)
                M[j] = (mixed(number + std::uint64_t(j)) >> 11) < limit ? 0 : kept;
            for (int j = own; j < width; ++j) M[j] = 0;
        }
    });
}

}  // namespace chainrule::CHAINRULE_ISA
