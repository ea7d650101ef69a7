#pragma once

#include "switchyard/core/types.hpp"
#include "switchyard/model/classifier.hpp"

#include <concepts>
#include <memory>
#include <string_view>
#include <type_traits>
#include <typeinfo>
#include <utility>

namespace switchyard {

class RandomForest;
class GradientBoosting;

/// Name of a kind of model, as in a model file: "random_forest", "gradient_boosting", "mlp", "voting". A model of
/// another type names itself by a member `static constexpr std::string_view kind`, or is "custom".
template <class Model>
inline constexpr std::string_view model_kind = "custom";
template <class Model>
requires requires {
  { Model::kind } -> std::convertible_to<std::string_view>;
}
inline constexpr std::string_view model_kind<Model> = Model::kind;
template <>
inline constexpr std::string_view model_kind<RandomForest> = "random_forest";
template <>
inline constexpr std::string_view model_kind<GradientBoosting> = "gradient_boosting";

namespace detail {

/// Asked before Classifier, whose question for == would lead back here for anything next to an AnyClassifier, such as
/// a vector of them.
template <class Model>
concept AnswersRows = requires(const Model& model, RowView row) {
  model.probability(row);
};

template <class Model, class Self>
concept WrappedBy = !std::same_as<Model, Self> && AnswersRows<Model> && Classifier<Model>;

}  // namespace detail

/// Any classifier as one type. Immutable; copies share the model, so they are cheap and safe between threads.
class AnyClassifier {
 public:
  template <class Model>
  requires detail::WrappedBy<std::remove_cvref_t<Model>, AnyClassifier> AnyClassifier(
      Model&& model)  // NOLINT(google-explicit-constructor): a forest is a classifier
      : model_(std::make_shared<const std::remove_cvref_t<Model>>(std::forward<Model>(model))),
        calls_(&calls_of<std::remove_cvref_t<Model>>) {}

  /// "random_forest", "gradient_boosting", "mlp", "voting", or what the model calls itself.
  [[nodiscard]] std::string_view name() const noexcept { return calls_->name; }

  [[nodiscard]] Index features() const { return calls_->features(model_.get()); }
  [[nodiscard]] double probability(RowView row) const { return calls_->probability(model_.get(), row); }
  [[nodiscard]] Vector predict_proba(const MatrixView& rows) const { return calls_->predict_proba(model_.get(), rows); }
  [[nodiscard]] Labels predict(const MatrixView& rows) const { return calls_->predict(model_.get(), rows); }

  /// The model itself if it is a `Model`, else nullptr. Lives as long as this object or a copy of it.
  template <Classifier Model>
  [[nodiscard]] const Model* get_if() const noexcept {
    return *calls_->type == typeid(Model) ? static_cast<const Model*>(model_.get()) : nullptr;
  }

  /// Same type of model and equal models.
  friend bool operator==(const AnyClassifier& a, const AnyClassifier& b) {
    if (a.model_ == b.model_) return true;
    return *a.calls_->type == *b.calls_->type && a.calls_->equal(a.model_.get(), b.model_.get());
  }

 private:
  struct Calls {
    const std::type_info* type;
    std::string_view name;
    Index (*features)(const void*);
    double (*probability)(const void*, RowView);
    Vector (*predict_proba)(const void*, const MatrixView&);
    Labels (*predict)(const void*, const MatrixView&);
    bool (*equal)(const void*, const void*);
  };

  template <class Model>
  [[nodiscard]] static const Model& as(const void* model) noexcept {
    return *static_cast<const Model*>(model);
  }

  template <class Model>
  static inline const Calls calls_of{
      .type = &typeid(Model),
      .name = model_kind<Model>,
      .features = [](const void* model) { return as<Model>(model).features(); },
      .probability = [](const void* model, RowView row) { return as<Model>(model).probability(row); },
      .predict_proba = [](const void* model, const MatrixView& rows) { return as<Model>(model).predict_proba(rows); },
      .predict = [](const void* model, const MatrixView& rows) { return as<Model>(model).predict(rows); },
      .equal = [](const void* a, const void* b) { return as<Model>(a) == as<Model>(b); }};

  std::shared_ptr<const void> model_;
  const Calls* calls_;
};

static_assert(Classifier<AnyClassifier>);

}  // namespace switchyard
