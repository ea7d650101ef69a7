#include <switchyard/model/gradient_boosting.hpp>

#include "learn.hpp"

int main() { return learn(); }
