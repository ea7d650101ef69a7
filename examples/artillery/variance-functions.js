'use strict';

// Hooks for Artillery 2 that send the requirements' bodies and log one row per request, answered or not.
// Signatures: a `- function:` step is called (context, events, done); beforeRequest (request, context, events, next);
// afterResponse (request, response, context, events, next); a scenario's onError (error, request, context, events, next).

const crypto = require('crypto');
const fs = require('fs');
const path = require('path');

const WORKLOADS = {
  lightweight_api: { sizesKb: [0.5, 1, 5, 10] },
  thumbnail_processing: { sizesKb: [50, 100, 200, 500, 1024] },
  medium_processing: { sizesKb: [1024, 2048, 3072, 5120] },
  heavy_processing: { sizesKb: [3072, 5120, 8192, 10240] },
};
const WINDOWS = {
  early_morning: [2, 3],
  morning_peak: [8, 9],
  midday: [12, 13],
  evening: [18, 19],
  late_night: [22, 23, 0],
};

// ZONE: "UTC" or an offset such as "+05:30"; one zone for windows, whatever the machine's own.
function zoneOffsetMinutes(zone) {
  if (!zone || zone === 'UTC' || zone === 'Z') return 0;
  const match = /^([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!match) throw new Error(`ZONE is '${zone}'; expected UTC or an offset such as +05:30`);
  return (match[1] === '-' ? -1 : 1) * (Number(match[2]) * 60 + Number(match[3]));
}

const OFFSET_MINUTES = zoneOffsetMinutes(process.env.ZONE);
const LOG_DIR = process.env.LOG_DIR || path.join(process.cwd(), 'data-output', 'variance-experiment');

function getTimeWindow(epochMs) {
  const hour = new Date(epochMs + OFFSET_MINUTES * 60000).getUTCHours();
  const found = Object.keys(WINDOWS).find((name) => WINDOWS[name].includes(hour));
  return found || 'other';
}

// Random base64 text, made once and cut anew for every request: a run of one letter would compress on the way, and
// making megabytes per request would hold up the event loop and with it the arrivals.
const LARGEST_KB = Math.max(...Object.values(WORKLOADS).flatMap((workload) => workload.sizesKb));
const SPARE_BYTES = 1 << 20;
const FILLER = crypto.randomBytes(((LARGEST_KB * 1024 + SPARE_BYTES) / 4) * 3).toString('base64');

function filler(bytes) {
  const from = 4 * Math.floor(Math.random() * ((FILLER.length - bytes) / 4));
  return FILLER.slice(from, from + bytes);
}

function makeBody(workloadType, loadPattern, nowMs) {
  const { sizesKb } = WORKLOADS[workloadType];
  const sizeKb = sizesKb[Math.floor(Math.random() * sizesKb.length)];
  const bytes = Math.floor(sizeKb * 1024);
  const id = crypto.randomBytes(6).readUIntBE(0, 6).toString(36).padStart(10, '0').slice(-9);
  return {
    request_id: `req_${nowMs}_${id}`,
    workload_type: workloadType,
    timestamp: new Date(nowMs).toISOString(),
    metadata: { target_size_kb: sizeKb, time_window: getTimeWindow(nowMs), load_pattern: loadPattern },
    payload:
      workloadType === 'lightweight_api'
        ? { user: 'test', action: 'validate', data: filler(bytes) }
        : filler(bytes - (bytes % 4)), // base64 comes in fours
  };
}

function setPayload(workloadType) {
  return function setVariancePayload(context, events, done) {
    context.vars.payload = makeBody(workloadType, context.vars.load_pattern || 'unknown', Date.now());
    context.vars.logged = false;
    return done();
  };
}

// When the request left, for errors that do not say it.
function markSent(request, context, events, next) {
  context.vars.sent_at_ms = Date.now();
  return next();
}

// Where the request was sent, which an error's body does not say.
function platformOf(request) {
  return new URL(request.url).pathname.endsWith('/process') ? 'ecs' : 'lambda';
}

function classOfStatus(status) {
  if (status >= 200 && status < 300) return 'none';
  if (status === 413) return 'too_large';
  return status >= 400 && status < 500 ? 'http_4xx' : status >= 500 ? 'http_5xx' : 'broken';
}

function classOfError(error) {
  const code = String(error.code || error.message || '');
  if (/TIMEDOUT|Timeout/i.test(code)) return 'timeout';
  if (/ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|CERT|TLS|SSL/.test(code)) return 'connect';
  return 'broken';
}

function parse(text) {
  try {
    const value = JSON.parse(text);
    return value && typeof value === 'object' ? value : null;
  } catch (error) {
    return null;
  }
}

// One row per request; Artillery may report one error twice.
function writeRow(request, context, seen) {
  if (context.vars.logged) return;
  context.vars.logged = true;
  const body = context.vars.payload;
  const { target_size_kb: sizeKb, time_window: window, load_pattern: pattern } = body.metadata;
  const platform = platformOf(request);
  const answer = seen.answer || {};
  const metrics = answer.metrics || {};
  const doneMs = seen.sentMs + seen.responseMs;
  const sent = body.payload.data === undefined ? body.payload : JSON.stringify(body.payload);
  const row = {
    request_id: body.request_id,
    platform,
    workload_type: body.workload_type,
    timestamp: answer.timestamp || new Date(doneMs).toISOString(),
    http_status: seen.status,
    response_time_ms: seen.responseMs,
    target_payload_size_kb: sizeKb,
    actual_payload_size_kb: metrics.payload_size_kb === undefined ? sent.length / 1024 : metrics.payload_size_kb,
    time_window: window,
    load_pattern: pattern,
    metrics,
    sent_at: new Date(seen.sentMs).toISOString(),
    done_at: new Date(doneMs).toISOString(),
    error_class: seen.errorClass,
  };
  const folder = path.join(LOG_DIR, `${window}_${pattern}`);
  fs.mkdirSync(folder, { recursive: true });
  const date = row.sent_at.slice(0, 10);
  fs.appendFileSync(path.join(folder, `${platform}_${body.workload_type}_${date}.jsonl`), `${JSON.stringify(row)}\n`);
}

function logDetailedResponse(request, response, context, events, next) {
  const { start, phases } = response.timings;
  const answer = parse(response.body);
  const status = response.statusCode;
  const complete = answer !== null && answer.metrics && Number.isFinite(Number(answer.metrics.execution_time_ms));
  writeRow(request, context, {
    status,
    answer,
    sentMs: start,
    responseMs: phases.total === undefined ? Date.now() - start : phases.total,
    errorClass: classOfStatus(status) === 'none' && !complete ? 'broken' : classOfStatus(status),
  });
  return next();
}

function logError(error, request, context, events, next) {
  const start = (error.timings && error.timings.start) || context.vars.sent_at_ms || Date.now();
  writeRow(request, context, {
    status: 0,
    answer: null,
    sentMs: start,
    responseMs: Date.now() - start,
    errorClass: classOfError(error),
  });
  return next();
}

module.exports = {
  setLightweightVariancePayload: setPayload('lightweight_api'),
  setThumbnailVariancePayload: setPayload('thumbnail_processing'),
  setMediumVariancePayload: setPayload('medium_processing'),
  setHeavyVariancePayload: setPayload('heavy_processing'),
  markSent,
  logDetailedResponse,
  logError,
  getTimeWindow,
};
