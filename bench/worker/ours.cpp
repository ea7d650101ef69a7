// Our side of the comparison: does one task, prints one line of JSON. compare.py runs it and the peers in turn.
#include "../common/arguments.hpp"
#include "../common/result.hpp"
#include "../common/rows.hpp"
#include "../common/timing.hpp"
#include "data_tasks.hpp"
#include "decide_tasks.hpp"
#include "model_tasks.hpp"

#include <exception>
#include <functional>
#include <iostream>
#include <map>
#include <string>

int main(int argc, char** argv) {
  const std::map<std::string, std::function<bench::Result(const bench::Arguments&)>> tasks = {
      {"data", bench::write_data},
      {"export", bench::export_model},
      {"fit", bench::time_fit},
      {"row", bench::time_row},
      {"batch", bench::time_batch},
      {"shap", bench::time_shap},
      {"interactions", bench::time_interactions},
      {"decide", bench::time_decide},
      {"decide_live", bench::time_decide_live},
      {"load", bench::time_load},
      {"sets", bench::list_sets},
  };
  try {
    const bench::Arguments arguments(argc, argv);
    const auto task = tasks.find(arguments.task());
    if (task == tasks.end()) throw std::invalid_argument("unknown task '" + arguments.task() + "'");
    const bench::Result result = task->second(arguments);
    arguments.require_all_used();
    result.print();
    return 0;
  } catch (const std::exception& error) {
    std::cerr << "bench_ours: " << error.what() << '\n';
    return 1;
  }
}
