#include "../../tools/growing_pool.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <mutex>

using switchyard::tools::GrowingPool;

TEST_CASE("tasks that wait for each other all run at once") {
  constexpr int tasks = 40;
  std::mutex mutex;
  std::condition_variable all_here;
  int here = 0;
  GrowingPool pool(tasks);
  for (int i = 0; i < tasks; ++i) {
    pool.enqueue([&] {
      std::unique_lock lock(mutex);
      if (++here == tasks) all_here.notify_all();
      all_here.wait(lock, [&] { return here == tasks; });
    });
  }
  pool.finish();  // would never return with fewer threads than tasks
  CHECK(here == tasks);
}

TEST_CASE("no more than `most` tasks run at once, and none is lost") {
  std::atomic<int> running{0};
  std::atomic<int> done{0};
  std::atomic<int> highest{0};
  {
    GrowingPool pool(3);
    for (int i = 0; i < 300; ++i) {
      pool.enqueue([&] {
        const int now = ++running;
        int seen = highest;
        while (now > seen && !highest.compare_exchange_weak(seen, now)) {
        }
        std::this_thread::yield();
        --running;
        ++done;
      });
    }
  }
  CHECK(done == 300);
  CHECK(highest <= 3);
}
