#pragma once

#include "switchyard/core/error.hpp"

#include <openssl/evp.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <fstream>
#include <memory>
#include <string>

namespace switchyard::tools {

/// SHA-256 of a file's bytes in hexadecimal, as sha256sum prints it. Throws FileError.
[[nodiscard]] inline std::string sha256_of_file(const std::string& path) {
  std::ifstream input(path, std::ios::binary);
  if (!input) throw FileError::cannot_open(path, std::strerror(errno));
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned int length = 0;
  bool good = context != nullptr && EVP_DigestInit_ex(context.get(), EVP_sha256(), nullptr) == 1;
  std::array<char, 64 * 1024> bytes{};
  while (good && input) {
    input.read(bytes.data(), bytes.size());
    good = EVP_DigestUpdate(context.get(), bytes.data(), static_cast<std::size_t>(input.gcount())) == 1;
  }
  if (!good || EVP_DigestFinal_ex(context.get(), digest.data(), &length) != 1) throw Error("cannot compute a SHA-256");
  constexpr char hex[] = "0123456789abcdef";
  std::string text;
  for (unsigned int i = 0; i < length; ++i) {
    text += hex[digest[i] >> 4U];
    text += hex[digest[i] & 15U];
  }
  return text;
}

}  // namespace switchyard::tools
