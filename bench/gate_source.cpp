// usage: gate_source PREFIX. Writes the gate's model as nested ifs into PREFIX0.cpp and PREFIX1.cpp.
#include "gate_model.hpp"
#include "worker/nested_if.hpp"

#include <exception>
#include <iostream>
#include <limits>

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: gate_source PREFIX\n";
    return 2;
  }
  try {
    bench::write_nested_if(bench::gate_model().ensemble(), argv[1], ".cpp", std::numeric_limits<std::size_t>::max());
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "gate_source: " << error.what() << '\n';
    return 1;
  }
}
