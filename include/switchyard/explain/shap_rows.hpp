#pragma once

#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/data/group.hpp"
#include "switchyard/engine/threshold_codes.hpp"
#include "switchyard/explain/shap_batch.hpp"
#include "switchyard/explain/shap_ensemble.hpp"
#include "switchyard/tree/tree.hpp"

#include <algorithm>
#include <cstddef>
#include <span>
#include <vector>

namespace switchyard::detail {

/// Rows that are explained together: enough of them share a tree's tables, few enough that the columns they add to stay
/// in the cache.
[[nodiscard]] inline std::size_t shap_chunk(std::size_t rows, std::size_t columns, int threads) noexcept {
  constexpr std::size_t most_credits = std::size_t{1} << 19U;
  const std::size_t cached = std::max(most_credits / std::max<std::size_t>(columns, 1), shap_tile);
  const auto workers = static_cast<std::size_t>(std::max(threads, 1));
  return std::max<std::size_t>(1, std::min(cached, (rows + workers - 1) / workers));
}

/// Calls take(i, credits) for every distinct row i, from any thread: credits are its columns as ShapEnsemble::add gives
/// them, overwritten by the next call.
template <ShapOrder order, class Take>
void for_each_explained_row(const ShapEnsemble<order>& explainer, const Ensemble& ensemble, const MatrixView& features,
                            const RowGroups& distinct, int threads, const Take& take) {
  const std::span<const Index> rows = distinct.first_row;
  const ThresholdCodes codes(ensemble);
  ThreadPool pool(threads);
  const std::size_t chunk = shap_chunk(rows.size(), explainer.columns(), pool.size());
  pool.for_each_index((rows.size() + chunk - 1) / chunk, [&](std::size_t number) {
    const std::size_t begin = number * chunk;
    const std::span<const Index> chosen = rows.subspan(begin, std::min(chunk, rows.size() - begin));
    ShapBatch<order> batch(explainer, codes, features, chosen);
    batch.run();
    std::vector<double> credits(explainer.columns());
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      batch.copy_row(i, credits);
      take(begin + i, std::span<const double>(credits));
    }
  });
}

}  // namespace switchyard::detail
