# ranger's half of the comparison: same task and settings as ours, see worker/ours.cpp. One line of JSON goes to standard
# output. Exits with 3 if ranger is not installed.
if (!suppressWarnings(requireNamespace("ranger", quietly = TRUE))) {
  message("ranger_peer: ranger is not installed")
  quit(status = 3)
}

arguments <- commandArgs(trailingOnly = TRUE)
pieces <- strsplit(arguments[-1], "=", fixed = TRUE)
settings <- setNames(lapply(pieces, function(piece) paste(piece[-1], collapse = "=")), sapply(pieces, `[`, 1))

unknown <- setdiff(names(settings), c("data", "seed", "threads"))
if (length(unknown) > 0) stop(paste0(arguments[1], " knows no ", unknown[1], "="))
if (arguments[1] == "version") {
  cat(sprintf("{\"version\": \"%s\"}\n", packageVersion("ranger")))
  quit()
}

read_rows <- function(part) {
  path <- file.path(settings$data, part)
  count <- file.size(paste0(path, ".u8"))
  labels <- as.integer(readBin(paste0(path, ".u8"), "raw", count))
  values <- readBin(paste0(path, ".f64"), "double", file.size(paste0(path, ".f64")) / 8, endian = "little")
  values[is.nan(values)] <- -1
  values <- matrix(values, nrow = count, byrow = TRUE)
  colnames(values) <- paste0("x", seq_len(ncol(values)) - 1)
  list(values = values, labels = labels)
}

train <- read_rows("train")
test <- read_rows("test")
seed <- if (is.null(settings$seed)) 42L else as.integer(settings$seed)
labels <- factor(train$labels, levels = 0:1)
begin <- proc.time()[["elapsed"]]
model <- ranger::ranger(x = train$values, y = labels, num.trees = 100, max.depth = 15, min.node.size = 100,
                        probability = TRUE, num.threads = as.integer(settings$threads), seed = seed,
                        verbose = FALSE)
seconds <- proc.time()[["elapsed"]] - begin
scores <- predict(model, test$values, num.threads = as.integer(settings$threads))$predictions[, "1"]
positive <- sum(test$labels)
ranks <- rank(scores)
auc <- (sum(ranks[test$labels == 1]) - positive * (positive + 1) / 2) / (positive * (length(scores) - positive))
kept <- pmin(pmax(scores, 1e-15), 1 - 1e-15)
loss <- -mean(ifelse(test$labels == 1, log(kept), log(1 - kept)))
cat(sprintf("{\"seconds\": %.6f, \"auc\": %.9f, \"log_loss\": %.9f}\n", seconds, auc, loss))
