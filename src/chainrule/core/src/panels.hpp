// The layout of matrices in panels (see matmul.hpp).
#pragma once

#include "matmul.hpp"

namespace chainrule::CHAINRULE_ISA {

template <class Real> inline int padded(int columns) {
    return (columns + lanes<Real> - 1) / lanes<Real> * lanes<Real>;
}

// Calls use(first column, columns, width in storage) for each panel of a matrix.
template <class Real, class Use> inline void each_panel(int columns, Use use) {
    for (int first = 0; first < columns; first += panel_width<Real>) {
        const int left = columns - first;
        const int own = left < panel_width<Real> ? left : panel_width<Real>;
        use(first, own, padded<Real>(own));
    }
}

// Copies between panels and a matrix whose element (i, j) stands at i · row + j · column; the
// padding becomes zero.
template <class Real> void pack(const Real* from, int rows, int columns, std::ptrdiff_t row,
                                std::ptrdiff_t column, Real* panels) {
    each_panel<Real>(columns, [&](int first, int own, int width) {
        for (int i = 0; i < rows; ++i, panels += width) {
            const Real* own_row = from + i * row + first * column;
            for (int j = 0; j < own; ++j) panels[j] = own_row[j * column];
            for (int j = own; j < width; ++j) panels[j] = 0;
        }
    });
}
template <class Real> void unpack(const Real* panels, int rows, int columns, std::ptrdiff_t row,
                                  std::ptrdiff_t column, Real* to) {
    each_panel<Real>(columns, [&](int first, int own, int width) {
        for (int i = 0; i < rows; ++i, panels += width) {
            Real* own_row = to + i * row + first * column;
            for (int j = 0; j < own; ++j) own_row[j * column] = panels[j];
        }
    });
}

template <class Real> void clear_padding(Real* panels, int rows, int columns) {
    each_panel<Real>(columns, [&](int, int own, int width) {
        for (int i = 0; i < rows && own < width; ++i)
            for (int j = own; j < width; ++j) panels[std::ptrdiff_t(i) * width + j] = 0;
        panels += std::ptrdiff_t(rows) * width;
    });
}

// Turns a square of lanes by lanes, or what a matrix has of one: `rows` vectors are read, the first
// at `from`, and `columns` of the transpose's are written; what is missing is zero.
template <class Real> inline void turn_square(const Real* from, std::ptrdiff_t from_step, int rows,
                                              Real* to, std::ptrdiff_t to_step, int columns) {
    Square<Real> square;
    for (int k = 0; k < lanes<Real>; ++k)
        square.row[k] = k < rows ? load(from + k * from_step) : Vec<Real>{};
    square = transposed(square);
    for (int k = 0; k < lanes<Real> && k < columns; ++k) store(to + k * to_step, square.row[k]);
}

// The panels of the transpose of a matrix in panels.
template <class Real> void transpose(const Real* panels, int rows, int columns, Real* out) {
    each_panel<Real>(columns, [&](int first, int own, int width) {
        std::ptrdiff_t start = 0;
        each_panel<Real>(rows, [&](int row, int count, int out_width) {
            Real* to = out + start + std::ptrdiff_t(first) * out_width;
            for (int i = 0; i < count; i += lanes<Real>)
                for (int j = 0; j < own; j += lanes<Real>)
                    turn_square(panels + std::ptrdiff_t(row + i) * width + j, width, count - i,
                                to + std::ptrdiff_t(j) * out_width + i, out_width, own - j);
            start += std::ptrdiff_t(columns) * out_width;
        });
        panels += std::ptrdiff_t(rows) * width;
    });
}

// Between panels and columns: there element (i, j) stands at j · stride + i, and a vector holds one
// unit of several observations. What looks at a whole row, softmax and the losses, is written for
// columns. Few columns are copied one number at a time.
inline constexpr int few_columns = 3;

template <class Real>
void to_columns(const Real* panels, int rows, int columns, int stride, Real* out) {
    if (columns <= few_columns) {
        unpack(panels, rows, columns, 1, stride, out);
        for (int j = 0; j < columns; ++j)
            for (int i = rows; i < padded<Real>(rows); ++i) out[std::ptrdiff_t(j) * stride + i] = 0;
        return;
    }
    each_panel<Real>(columns, [&](int first, int own, int width) {
        for (int i = 0; i < rows; i += lanes<Real>)
            for (int j = 0; j < own; j += lanes<Real>)
                turn_square(panels + std::ptrdiff_t(i) * width + j, width, rows - i,
                            out + std::ptrdiff_t(first + j) * stride + i, stride, own - j);
        panels += std::ptrdiff_t(rows) * width;
    });
}
template <class Real>
void from_columns(const Real* in, int rows, int columns, int stride, Real* panels) {
    if (columns <= few_columns) return pack(in, rows, columns, 1, stride, panels);
    each_panel<Real>(columns, [&](int first, int own, int width) {
        for (int i = 0; i < rows; i += lanes<Real>)
            for (int j = 0; j < own; j += lanes<Real>)
                turn_square(in + std::ptrdiff_t(first + j) * stride + i, stride, own - j,
                            panels + std::ptrdiff_t(i) * width + j, width, rows - i);
        panels += std::ptrdiff_t(rows) * width;
    });
}

}  // namespace chainrule::CHAINRULE_ISA
