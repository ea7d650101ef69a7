// Our trees as nested ifs, compiled by the C compiler and loaded: what any code generator for tree models amounts to.
// Answers with the plain sum, without the logistic function, which is to its advantage.
#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/single_rows.hpp"

#include <dlfcn.h>

#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>

namespace {

using Answer = double (*)(const double*);

Answer load(const std::string& path) {
  void* const library = dlopen(path.c_str(), RTLD_NOW);
  void* const function = library != nullptr ? dlsym(library, "nested_if") : nullptr;
  if (function == nullptr) throw std::runtime_error(dlerror());
  return reinterpret_cast<Answer>(function);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    const bench::Arguments arguments(argc, argv);
    if (arguments.task() != "row") throw std::invalid_argument("unknown task '" + arguments.task() + "'");
    const Answer answer = load(arguments.text("model"));
    const bench::Rows rows = bench::read_rows(arguments.text("data"), "ask");
    bench::Result result = bench::time_single_rows(arguments, rows.columns, rows.values, answer);
    bench::add_answers(result, arguments, "sum", rows.columns, rows.values, answer);
    arguments.require_all_used();
    result.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_nested_if: " << error.what() << '\n';
    return 1;
  }
}
