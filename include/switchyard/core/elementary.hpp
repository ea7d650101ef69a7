#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

namespace switchyard {

// Exponential function and logarithm of fixed operations: the same bits from every compiler, at every optimisation, on
// every processor with IEEE 754 doubles, at run time and in a constant expression. C libraries differ in the last bit,
// and a model must not decide otherwise because of it. Each is within 0.54 units in the last place (exp, 0.76 where it
// is subnormal) and 0.86 (log1p). Not for -ffast-math, which gives up what this is about.

/// a * b as a double of its own. Where a processor can multiply and add in one instruction, compilers fuse the two
/// unless told not to (GCC whenever it may use FMA), which changes the bits. Here the product passes through a register
/// that the compiler must not look behind; that costs no instruction, but such loops are not vectorised.
[[nodiscard]] constexpr double rounded_product(double a, double b) noexcept {
  double product = a * b;
  if (!std::is_constant_evaluated()) {
#if defined(__GNUC__) && defined(__x86_64__)
    asm("" : "+x"(product));
#elif defined(__GNUC__) && defined(__aarch64__)
    asm("" : "+w"(product));
#elif defined(__GNUC__)
    asm("" : "+m"(product));
#endif
  }
  return product;
}

namespace detail {

/// 2^(i/64), rounded.
inline constexpr std::array<double, 64> exp_steps = {
    0x1p+0,
    0x1.02c9a3e778061p+0,
    0x1.059b0d3158574p+0,
    0x1.0874518759bc8p+0,
    0x1.0b5586cf9890fp+0,
    0x1.0e3ec32d3d1a2p+0,
    0x1.11301d0125b51p+0,
    0x1.1429aaea92dep+0,
    0x1.172b83c7d517bp+0,
    0x1.1a35beb6fcb75p+0,
    0x1.1d4873168b9aap+0,
    0x1.2063b88628cd6p+0,
    0x1.2387a6e756238p+0,
    0x1.26b4565e27cddp+0,
    0x1.29e9df51fdee1p+0,
    0x1.2d285a6e4030bp+0,
    0x1.306fe0a31b715p+0,
    0x1.33c08b26416ffp+0,
    0x1.371a7373aa9cbp+0,
    0x1.3a7db34e59ff7p+0,
    0x1.3dea64c123422p+0,
    0x1.4160a21f72e2ap+0,
    0x1.44e086061892dp+0,
    0x1.486a2b5c13cdp+0,
    0x1.4bfdad5362a27p+0,
    0x1.4f9b2769d2ca7p+0,
    0x1.5342b569d4f82p+0,
    0x1.56f4736b527dap+0,
    0x1.5ab07dd485429p+0,
    0x1.5e76f15ad2148p+0,
    0x1.6247eb03a5585p+0,
    0x1.6623882552225p+0,
    0x1.6a09e667f3bcdp+0,
    0x1.6dfb23c651a2fp+0,
    0x1.71f75e8ec5f74p+0,
    0x1.75feb564267c9p+0,
    0x1.7a11473eb0187p+0,
    0x1.7e2f336cf4e62p+0,
    0x1.82589994cce13p+0,
    0x1.868d99b4492edp+0,
    0x1.8ace5422aa0dbp+0,
    0x1.8f1ae99157736p+0,
    0x1.93737b0cdc5e5p+0,
    0x1.97d829fde4e5p+0,
    0x1.9c49182a3f09p+0,
    0x1.a0c667b5de565p+0,
    0x1.a5503b23e255dp+0,
    0x1.a9e6b5579fdbfp+0,
    0x1.ae89f995ad3adp+0,
    0x1.b33a2b84f15fbp+0,
    0x1.b7f76f2fb5e47p+0,
    0x1.bcc1e904bc1d2p+0,
    0x1.c199bdd85529cp+0,
    0x1.c67f12e57d14bp+0,
    0x1.cb720dcef9069p+0,
    0x1.d072d4a07897cp+0,
    0x1.d5818dcfba487p+0,
    0x1.da9e603db3285p+0,
    0x1.dfc97337b9b5fp+0,
    0x1.e502ee78b3ff6p+0,
    0x1.ea4afa2a490dap+0,
    0x1.efa1bee615a27p+0,
    0x1.f50765b6e454p+0,
    0x1.fa7c1819e90d8p+0,
};

/// What rounding took from them: 2^(i/64) = exp_steps[i] * (1 + exp_rests[i]).
inline constexpr std::array<double, 64> exp_rests = {
    0x0p+0,
    -0x1.160139cd8dc5dp-56,
    0x1.cd2523567f613p-55,
    0x1.0f74e61e6c861p-57,
    0x1.79aa65d837b6dp-54,
    0x1.ebe3d702f9cd1p-60,
    -0x1.556522a2fbd0ep-54,
    -0x1.1c923b9d5f416p-54,
    -0x1.01b15eaa59348p-55,
    0x1.b898c3f1353bfp-55,
    0x1.aecf73e3a2f6p-54,
    0x1.a6f4144a6c38dp-55,
    0x1.68efde3a8a894p-54,
    0x1.0472b981fe7f2p-55,
    0x1.2f7e16d09ab31p-55,
    0x1.b3782720c0ab4p-55,
    0x1.34d754db0abb6p-55,
    0x1.fdd395dd3f84ap-55,
    -0x1.24aedcc4b5068p-54,
    -0x1.1d1e83e9436d2p-56,
    0x1.59f48a72a4c6dp-55,
    -0x1.8a78f4817895bp-58,
    0x1.363ed60c2ac11p-59,
    0x1.ecce1daa10379p-57,
    0x1.690cebb7aafbp-56,
    -0x1.f94340071a38ep-55,
    -0x1.8dec6bd0f385fp-56,
    0x1.3350518fdd78ep-54,
    0x1.063e1e21c5409p-54,
    0x1.432e62b64c035p-54,
    -0x1.c33c53bef4da8p-55,
    -0x1.3cedd78565858p-54,
    -0x1.3b3efbf5e2228p-54,
    -0x1.367efb86da9eep-57,
    -0x1.81f647e5a3ecfp-56,
    -0x1.619321e55e68ap-55,
    -0x1.b32dcb94da51dp-56,
    0x1.5ebe1abd66c55p-57,
    -0x1.369b6f13b3734p-54,
    -0x1.4d450d872576ep-54,
    0x1.db72fc1f0eab4p-55,
    0x1.bf68359f35f44p-56,
    -0x1.da9b88b6c1e29p-58,
    -0x1.2434322f4f9aap-54,
    0x1.1affc2b91ce27p-56,
    -0x1.7c50422622263p-55,
    -0x1.1bbd1d3bcbb15p-54,
    0x1.469846e735ab3p-55,
    0x1.c1a7792cb3387p-55,
    -0x1.5c3d956dcaebap-58,
    -0x1.8d6f438ad9334p-57,
    0x1.4ffd70a5fddcdp-56,
    0x1.36eae30af0cb3p-56,
    0x1.4e08fd10959acp-55,
    0x1.76b2c6c921968p-57,
    -0x1.fad5d3ffffa6fp-55,
    0x1.4a385a63d07a7p-56,
    0x1.e5a50d5c192acp-55,
    -0x1.2d52107b43e1fp-55,
    0x1.4b604603a88d3p-56,
    -0x1.ff7128fd391fp-55,
    0x1.ec3bc41aa2008p-55,
    0x1.a64a931d185eep-55,
    0x1.7893b4d91cd9dp-56,
};

/// exp(x) * 2^-down, for |x| < 750, all intermediate results being normal.
[[nodiscard]] constexpr double scaled_exp(double x, std::int64_t down) noexcept {
  // x = k * ln 2 / 64 + r. Adding 1.5 * 2^52 leaves k, rounded to nearest, in the low bits.
  constexpr double steps_per_unit = 0x1.71547652b82fep+6;  // 64 / ln 2
  constexpr double integer_bits = 0x1.8p+52;
  constexpr double step_high = 0x1.62e42fef8p-7;  // ln 2 / 64: k * step_high is exact, the rest follows
  constexpr double step_low = 0x1.1cf79abc9e3b4p-42;
  const double shifted = rounded_product(x, steps_per_unit) + integer_bits;
  const double k = shifted - integer_bits;
  const std::uint64_t k_bits = std::bit_cast<std::uint64_t>(shifted) - std::bit_cast<std::uint64_t>(integer_bits);
  const double r = (x - rounded_product(k, step_high)) - rounded_product(k, step_low);
  // exp(r) - 1 = r + c2 r^2 + ... + c5 r^5 for |r| <= ln 2 / 128: Taylor's series, its term r^6 / 720 spread over the
  // lower ones by the Chebyshev polynomial of that degree; what is missing is below 1e-18.
  constexpr double c2 = 0x1.fffffffffd0bap-2;
  constexpr double c3 = 0x1.5555555555555p-3;
  constexpr double c4 = 0x1.55557621dbbb3p-5;
  constexpr double c5 = 0x1.1111111111111p-7;
  const auto step = static_cast<std::size_t>(k_bits % 64);
  // 2^(k / 64): the whole powers go straight into the exponent.
  const std::uint64_t power = ((k_bits - step) << 46U) - (static_cast<std::uint64_t>(down) << 52U);
  const double scale = std::bit_cast<double>(std::bit_cast<std::uint64_t>(exp_steps[step]) + power);
  // scale * exp(r), arranged for the shortest chain of operations that wait for each other.
  const double r2 = rounded_product(r, r);
  const double scaled_r2 = rounded_product(scale, r2);
  const double first = rounded_product(scale, r) + rounded_product(scale, exp_rests[step]);
  const double second = rounded_product(scaled_r2, c2 + rounded_product(r, c3));
  const double fourth = rounded_product(rounded_product(scaled_r2, r2), c4 + rounded_product(r, c5));
  return scale + ((first + second) + fourth);
}

}  // namespace detail

/// e^x. Method: Tang, "Table-driven implementation of the exponential function in IEEE floating-point arithmetic", ACM
/// TOMS 15 (1989), with 64 steps per doubling.
[[nodiscard]] constexpr double portable_exp(double x) noexcept {
  constexpr double safe = 690;  // within, all intermediate results are normal numbers
  if (x > -safe && x < safe) return detail::scaled_exp(x, 0);
  if (x != x) return x;
  constexpr double largest = 0x1.62e42fefa39efp+9;    // beyond, the result is no finite double
  constexpr double smallest = -0x1.74910d52d3053p+9;  // beyond, it is nearer to 0 than to any other
  if (x > largest) return std::numeric_limits<double>::infinity();
  if (x < smallest) return 0;
  return x > 0 ? detail::scaled_exp(x, 64) * 0x1p+64 : detail::scaled_exp(x, -128) * 0x1p-128;
}

/// log(1 + x): NaN below -1. 1 + x = 2^k (1 + f) with 1 + f between sqrt(1/2) and sqrt(2), log(1 + f) = 2 atanh(s) with
/// s = f / (2 + f), as in Cody & Waite, "Software Manual for the Elementary Functions" (1980), chapter 5; what 1 + x
/// lost in rounding is added to first order, as by Tang, "Table-driven implementation of the logarithm function in IEEE
/// floating-point arithmetic", ACM TOMS 16 (1990).
[[nodiscard]] constexpr double portable_log1p(double x) noexcept {
  using Limits = std::numeric_limits<double>;
  constexpr double tiny = 0x1p-54;
  if (x > -tiny && x < tiny) return x;
  if (!(x > -1) || x > Limits::max()) return x == -1 ? -Limits::infinity() : x < -1 ? Limits::quiet_NaN() : x;
  constexpr auto one = std::bit_cast<std::uint64_t>(1.0);
  constexpr auto root_half = std::bit_cast<std::uint64_t>(0x1.6a09e667f3bcdp-1);
  constexpr std::uint64_t mantissa = 0xfffffffffffff;
  const double u = 1 + x;
  const std::uint64_t bits = std::bit_cast<std::uint64_t>(u) + (one - root_half);
  const auto k = static_cast<double>(static_cast<int>(bits >> 52U) - 1023);
  const bool whole = k != 0;
  const double f = whole ? std::bit_cast<double>((bits & mantissa) + root_half) - 1 : x;
  const double lost = whole ? (x > 1 ? 1 - (u - x) : x - (u - 1)) / u : 0;
  // 2 atanh(s) = 2 s + s R(s^2); R interpolated at Chebyshev's points, within 1e-17 of the result.
  constexpr double p[] = {0x1.5555555555558p-1, 0x1.99999999952e2p-2, 0x1.2492492df148dp-2, 0x1.c71c62e5800a1p-3,
                          0x1.7462b4ab2ef6bp-3, 0x1.39fe606542ddep-3, 0x1.2b584aae78a57p-3};
  constexpr double ln2_high = 0x1.62e42ffp-1;  // k * ln2_high is exact
  constexpr double ln2_low = -0x1.718432a1b0e26p-35;
  const double s = f / (2 + f);
  const double z = rounded_product(s, s);
  const double z2 = rounded_product(z, z);
  const double z4 = rounded_product(z2, z2);
  const double low = (p[0] + rounded_product(z, p[1])) + rounded_product(z2, p[2] + rounded_product(z, p[3]));
  const double high = (p[4] + rounded_product(z, p[5])) + rounded_product(z2, p[6]);
  const double r = rounded_product(z, low + rounded_product(z4, high));
  const double half_square = rounded_product(0.5 * f, f);
  const double rest = rounded_product(s, half_square + r) + (rounded_product(k, ln2_low) + lost);
  return rounded_product(k, ln2_high) - ((half_square - rest) - f);
}

/// 1 / (1 + exp(-z)), within 2 units in the last place; 0 where exp(-z) is no finite double.
[[nodiscard]] constexpr double logistic(double z) noexcept { return 1 / (1 + portable_exp(-z)); }

}  // namespace switchyard
