#pragma once

// The processor's vector instructions as functions. GCC 12 warns inside its own AVX-512 header of a value that is
// left undefined on purpose (GCC bug 105593), wherever a kernel is inlined.
#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#pragma GCC diagnostic ignored "-Wuninitialized"
#endif
#include <immintrin.h>
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic pop
#endif
#endif
