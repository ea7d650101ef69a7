#include "load_generator.hpp"

#include "growing_pool.hpp"
#include "interrupt.hpp"
#include "progress.hpp"

#include "switchyard/core/text.hpp"
#include "switchyard/pipeline/collect.hpp"

#include <algorithm>
#include <chrono>
#include <exception>
#include <mutex>
#include <thread>

namespace switchyard::tools {

namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

// Requests are handed to their threads so much before their time, for their bodies to be made: 10 MB of random filler
// take some 30 ms.
constexpr Milliseconds head_start{150};

}  // namespace

// What one run needs while it lasts.
class LoadGenerator::Run {
 public:
  Run(LoadGenerator& owner, const Schedule& schedule, CollectTally& tally)
      : owner_(owner),
        catalogue_(owner.experiment_.catalogue),
        schedule_(schedule),
        tally_(tally),
        started_(Clock::now() + std::chrono::duration_cast<Clock::duration>(head_start)),
        start_ms_(Milliseconds(std::chrono::system_clock::now().time_since_epoch() + head_start).count()) {}

  void send_all() {
    GrowingPool pool(owner_.options_.connections);
    Progress progress(schedule_.run().name, schedule_.count());
    std::uint64_t seq = 0;
    for (; seq < schedule_.count() && !stopping() && !failed_; ++seq) {
      Arrival arrival = schedule_.at(seq);
      const auto due = due_at(arrival);
      if (!sleep_until(due - std::chrono::duration_cast<Clock::duration>(head_start), progress)) break;
      ++under_way_;
      pool.enqueue([this, arrival = std::move(arrival), due] { send(arrival, due); });
    }
    for (; seq < schedule_.count() && !failed_; ++seq) write(planned(schedule_.at(seq)));
    while (under_way_ > 0) {
      if (interrupts() > 1 && owner_.options_.abort != nullptr) *owner_.options_.abort = true;
      show(progress);
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
    pool.finish();
    if (failure_) std::rethrow_exception(failure_);
  }

 private:
  [[nodiscard]] Clock::time_point due_at(const Arrival& arrival) const {
    return started_ + std::chrono::duration_cast<Clock::duration>(Milliseconds(arrival.offset_ms));
  }

  [[nodiscard]] LogRow planned(const Arrival& arrival) const {
    const RunPlan& run = schedule_.run();
    const double scheduled_ms = start_ms_ + arrival.offset_ms;
    const TimeWindow window = owner_.options_.planned_window
                                  ? catalogue_.window_named(run.window)
                                  : catalogue_.window_of_hour(catalogue_.local_time(scheduled_ms).hour);
    LogRow row = planned_row(arrival, run, start_ms_, window, catalogue_);
    row.observation.run.append("_").append(format_utc(start_ms_));  // a run of the plan may be measured again
    return row;
  }

  [[nodiscard]] bool stopping() const { return interrupts() > 0 || capped_; }

  // What the request costs if it runs until its limit: what is known before it has run.
  [[nodiscard]] double most_usd(const LogRow& row) const {
    Observation longest = row.observation;
    longest.response_time_ms = catalogue_.timeout_ms;
    return cost_usd(longest, catalogue_, owner_.options_.costs);
  }

  // Sets money aside for a request; false, and the run ends, where the experiment's cap leaves none.
  bool reserve(double usd) {
    const auto cap = owner_.experiment_.max_cost_usd;
    const std::lock_guard lock(mutex_);
    if (cap && owner_.spent_usd_ + reserved_usd_ + usd > *cap) {
      owner_.capped_ = true;
      capped_ = true;
      return false;
    }
    reserved_usd_ += usd;
    return true;
  }

  void settle(double reserved_usd, const LogRow& row) {
    const std::lock_guard lock(mutex_);
    reserved_usd_ -= reserved_usd;
    if (row.observation.outcome != Outcome::not_sent) {
      owner_.spent_usd_ += cost_usd(row.observation, catalogue_, owner_.options_.costs);
    }
  }

  // Slices, so that an interrupt is noticed at once; false after one.
  bool sleep_until(Clock::time_point due, Progress& progress) {
    constexpr std::chrono::milliseconds slice{20};
    while (!stopping()) {
      show(progress);
      const auto now = Clock::now();
      if (now >= due) return true;
      std::this_thread::sleep_until(std::min(due, now + slice));
    }
    return false;
  }

  // On a thread of its own: makes the body, waits for the request's time, sends, and writes the row.
  void send(const Arrival& arrival, Clock::time_point due) {
    try {
      LogRow row = planned(arrival);
      const std::string body = body_of(row, arrival.payload_seed, catalogue_);
      std::this_thread::sleep_until(due);
      const double usd = most_usd(row);
      if (!stopping() && reserve(usd)) {
        post(row, body);
        settle(usd, row);
      }
      write(row);
    } catch (...) {
      const std::lock_guard lock(mutex_);
      if (!failure_) failure_ = std::current_exception();
      failed_ = true;
    }
    --under_way_;
  }

  void post(LogRow& row, const std::string& body) {
    const Platform platform = row.observation.platform;
    const std::string path = request_path(catalogue_, platform, row.observation.request.workload);
    const std::string_view parts[] = {body};
    const auto sent = Clock::now();
    const auto limit = std::chrono::duration_cast<Clock::duration>(Milliseconds(catalogue_.timeout_ms));
    ++in_flight_;
    HttpAnswer answer = owner_.clients_.of(platform).post(path, parts, sent + limit);
    const auto done = Clock::now();
    --in_flight_;
    if (answer.aborted) return;
    // One clock for all: the wall clock may be set while a run lasts.
    const double sent_at_ms = start_ms_ + Milliseconds(sent - started_).count();
    record({.outcome = answer.outcome,
            .http_status = answer.status,
            .body = std::move(answer.body),
            .sent_at_ms = sent_at_ms,
            .response_time_ms = Milliseconds(done - sent).count()},
           row);
  }

  void write(const LogRow& row) {
    owner_.rows_.write(log_path(row, catalogue_), log_row(row, catalogue_));
    const std::lock_guard lock(mutex_);
    tally_.add(row);
    const Observation& seen = row.observation;
    if (seen.outcome == Outcome::not_sent) return;
    ++(seen.ok() ? answered_ : failures_);
    last_lag_ms_ = seen.sent_at_ms - row.scheduled_at_ms;
  }

  void show(Progress& progress) {
    const std::lock_guard lock(mutex_);
    progress.update(answered_ + failures_, std::to_string(answered_) + " answered, " + std::to_string(failures_) +
                                               " failed, " + std::to_string(in_flight_) + " in flight, lag " +
                                               format_fixed(last_lag_ms_, 1) + " ms" +
                                               (interrupts() > 0 ? ", stopping" : ""));
  }

  LoadGenerator& owner_;
  const Catalogue& catalogue_;
  const Schedule& schedule_;
  CollectTally& tally_;
  Clock::time_point started_;
  double start_ms_;
  std::atomic<std::int64_t> under_way_{0};  // handed to threads
  std::atomic<std::int64_t> in_flight_{0};  // on the wire
  std::atomic<bool> failed_{false};
  std::atomic<bool> capped_{false};
  std::mutex mutex_;
  std::exception_ptr failure_;
  std::uint64_t answered_ = 0;
  std::uint64_t failures_ = 0;
  double last_lag_ms_ = 0;
  double reserved_usd_ = 0;  // for requests under way
};

void LoadGenerator::run(const Schedule& schedule, CollectTally& tally) { Run(*this, schedule, tally).send_all(); }

}  // namespace switchyard::tools
