#pragma once

#include "switchyard/core/elementary.hpp"
#include "switchyard/core/parallel.hpp"
#include "switchyard/core/types.hpp"
#include "switchyard/engine/compiled_ensemble.hpp"
#include "switchyard/engine/compiled_mlp.hpp"
#include "switchyard/engine/instruction_set.hpp"
#include "switchyard/model/any_classifier.hpp"
#include "switchyard/model/classifier.hpp"
#include "switchyard/model/gradient_boosting.hpp"
#include "switchyard/model/mlp.hpp"
#include "switchyard/model/random_forest.hpp"
#include "switchyard/model/voting.hpp"
#include "switchyard/nn/activation.hpp"

#include <algorithm>
#include <concepts>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace switchyard {

namespace detail {

/// Whatever an AnyClassifier can be made of, other than `Self`, of which the question would ask itself.
template <class Model, class Self>
concept Compilable = !std::same_as<Model, Self> && std::convertible_to<const Model&, AnyClassifier>;

}  // namespace detail

/// A fitted classifier in the form that answers fastest: forests and boosting by the fitting tree engine, networks by
/// CompiledMlp, voting member by member; any other kind is asked as it is. Probabilities have the model's own bits.
/// Immutable and lock-free; copies share everything, so they are cheap and safe between threads.
class CompiledClassifier {
 public:
  /// model: an AnyClassifier, or what one can be made of.
  template <detail::Compilable<CompiledClassifier> Model>
  explicit CompiledClassifier(const Model& model, InstructionSet set = best_instruction_set())
      : CompiledClassifier(Source{model}, set) {}

  /// What was compiled.
  [[nodiscard]] const AnyClassifier& model() const noexcept { return state_->model; }

  [[nodiscard]] Index features() const noexcept { return state_->features; }

  /// How the model is asked: the tree engine's name, "mlp", "model" for one asked as it is, or the members:
  /// "voting(blocked, mlp)".
  [[nodiscard]] std::string engine() const {
    return std::visit([](const auto& form) { return form.name(); }, state_->form);
  }

  /// P(label = 1); row: [features]. Throws InvalidArgument for another width. Allocates nothing unless a model that is
  /// asked as it is does, or a network has a layer of 512 values or more.
  [[nodiscard]] double probability(RowView row) const {
    detail::require_columns(static_cast<Index>(row.size()), features());
    return std::visit([row](const auto& form) { return form.probability(row); }, state_->form);
  }

  /// [samples]
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const {
    detail::require_columns(rows.cols(), features());
    Vector result(rows.rows());
    fill(rows, std::span(result.data(), static_cast<std::size_t>(result.size())));
    return result;
  }

  /// The same on several threads, a block of rows at a time: the bits do not depend on the number of threads, and
  /// beside the answer no memory grows with the rows.
  [[nodiscard]] Vector predict_proba(const MatrixView& rows, ThreadPool& pool) const {
    detail::require_columns(rows.cols(), features());
    Vector result(rows.rows());
    const Index blocks = (rows.rows() + rows_per_block - 1) / rows_per_block;
    pool.for_each_index(static_cast<std::size_t>(blocks), [&](std::size_t block) {
      const Index first = static_cast<Index>(block) * rows_per_block;
      const Index count = std::min(rows_per_block, rows.rows() - first);
      fill(rows.middleRows(first, count), std::span(result.data() + first, static_cast<std::size_t>(count)));
    });
    return result;
  }

  [[nodiscard]] Labels predict(const MatrixView& rows) const { return labels_from(predict_proba(rows)); }

  /// Equal models, whatever the engines.
  friend bool operator==(const CompiledClassifier& a, const CompiledClassifier& b) {
    return a.state_ == b.state_ || a.model() == b.model();
  }

 private:
  struct Source {  // not AnyClassifier itself, to which a CompiledClassifier would convert
    AnyClassifier model;
  };

  explicit CompiledClassifier(const Source& source, InstructionSet set)
      : state_(
            std::make_shared<const State>(State{source.model, source.model.features(), compile(source.model, set)})) {}

  static constexpr Index rows_per_block = 2048;

  struct Forest {
    CompiledEnsemble trees;

    [[nodiscard]] std::string name() const { return std::string(trees.engine()); }
    [[nodiscard]] double probability(RowView row) const { return trees.raw(row); }
    void fill(const MatrixView& rows, std::span<double> out) const { trees.raw(rows, out); }
  };

  struct Boosting {
    CompiledEnsemble trees;

    [[nodiscard]] std::string name() const { return std::string(trees.engine()); }
    [[nodiscard]] double probability(RowView row) const { return logistic(trees.raw(row)); }
    void fill(const MatrixView& rows, std::span<double> out) const {
      trees.raw(rows, out);
      for (double& margin : out) margin = logistic(margin);
    }
  };

  struct Network {
    CompiledMlp network;

    [[nodiscard]] std::string name() const { return "mlp"; }
    [[nodiscard]] double probability(RowView row) const { return logistic(network.margin(row)); }
    void fill(const MatrixView& rows, std::span<double> out) const {
      network.margins(rows, out);
      for (double& margin : out) margin = logistic(margin);
    }
  };

  struct Voters {
    std::vector<CompiledClassifier> members;
    std::vector<double> weights;
    double total_weight = 0;

    [[nodiscard]] std::string name() const {
      std::string text = "voting(";
      for (const auto& member : members) {
        if (&member != members.data()) text += ", ";
        text += member.engine();
      }
      return text + ")";
    }
    [[nodiscard]] double probability(RowView row) const {
      double sum = 0;
      for (std::size_t m = 0; m < members.size(); ++m) {
        sum += rounded_product(weights[m], members[m].probability(row));
      }
      return sum / total_weight;
    }
    void fill(const MatrixView& rows, std::span<double> out) const {
      std::vector<double> answers(out.size());
      std::fill(out.begin(), out.end(), 0.0);
      for (std::size_t m = 0; m < members.size(); ++m) {
        members[m].fill(rows, answers);
        for (std::size_t i = 0; i < out.size(); ++i) out[i] += rounded_product(weights[m], answers[i]);
      }
      for (double& sum : out) sum /= total_weight;
    }
  };

  struct AsItIs {
    AnyClassifier model;

    [[nodiscard]] std::string name() const { return "model"; }
    [[nodiscard]] double probability(RowView row) const { return model.probability(row); }
    void fill(const MatrixView& rows, std::span<double> out) const {
      const Vector answers = model.predict_proba(rows);
      std::copy_n(answers.data(), out.size(), out.begin());
    }
  };

  using Form = std::variant<AsItIs, Forest, Boosting, Network, Voters>;

  struct State {
    AnyClassifier model;
    Index features = 0;
    Form form;
  };

  [[nodiscard]] static Form compile(const AnyClassifier& model, InstructionSet set) {
    if (const auto* forest = model.get_if<RandomForest>()) return Forest{CompiledEnsemble(forest->ensemble(), set)};
    if (const auto* trees = model.get_if<GradientBoosting>()) return Boosting{CompiledEnsemble(trees->ensemble(), set)};
    if (const auto* mlp = model.get_if<Mlp>()) return Network{CompiledMlp(mlp->parameters(), set)};
    if (const auto* voting = model.get_if<Voting>()) {
      Voters voters;
      voters.weights = voting->weights();
      for (const double weight : voters.weights) voters.total_weight += weight;
      for (const AnyClassifier& member : voting->members()) voters.members.emplace_back(member, set);
      return voters;
    }
    return AsItIs{model};
  }

  void fill(const MatrixView& rows, std::span<double> out) const {
    std::visit([&](const auto& form) { form.fill(rows, out); }, state_->form);
  }

  std::shared_ptr<const State> state_;
};

static_assert(Classifier<CompiledClassifier>);

}  // namespace switchyard
