// Room that knows how large it is, and frees itself.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>

#include "engine.hpp"

namespace chainrule::CHAINRULE_ISA {

// Numbers, aligned for vectors.
template <class Real> class Buffer {
  public:
    Buffer() = default;
    Buffer(const Buffer&) = delete;
    Buffer& operator=(const Buffer&) = delete;
    ~Buffer() { std::free(data_); }
    // Room for `count`, all zero where it is new; what was there is lost when it grows.
    void reserve(std::ptrdiff_t count) {
        if (count <= size_) return;
        std::free(data_);
        data_ = nullptr;
        size_ = 0;
        // That of no network wraps: see Size in door.hpp.
        const std::size_t bytes = (std::size_t(count) * sizeof(Real) + 127) / 64 * 64;
        data_ = static_cast<Real*>(std::aligned_alloc(64, bytes));
        if (!data_) throw_no_memory(bytes);
        std::memset(static_cast<void*>(data_), 0, bytes);
        size_ = count;
    }
    operator Real*() { return data_; }
    operator const Real*() const { return data_; }

  private:
    Real* data_ = nullptr;
    std::ptrdiff_t size_ = 0;
};

// Things that are made without arguments. A growth that fails changes nothing.
template <class Thing> class Array {
  public:
    Array() = default;
    Array(const Array&) = delete;
    Array& operator=(const Array&) = delete;
    ~Array() { delete[] things_; }
    // At least `count`, all new if there were fewer.
    void reserve(int count) {
        if (count <= size_) return;
        Thing* things = new Thing[std::size_t(count)];
        delete[] things_;
        things_ = things;
        size_ = count;
    }
    int size() const { return size_; }
    Thing& operator[](int index) { return things_[index]; }

  private:
    Thing* things_ = nullptr;
    int size_ = 0;
};

}  // namespace chainrule::CHAINRULE_ISA
