using System.Collections.Immutable;
using System.Text.Encodings.Web;
using System.Text.Json;
using Looper.Core.Optimization;

namespace Looper.Web.Commands.Optimize;

/// <summary>Asks, is told, and at the end says what is best.</summary>
internal sealed class OptimizeLoop(OptimizeSpace space, TextReader input, TextWriter output, TextWriter error)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private readonly List<Trial> _trials = [];
    private int _line;

    public async Task RunAsync(int trials, int batch, CancellationToken cancel)
    {
        var open = true;
        while (open && _trials.Count < trials)
        {
            var proposals = Proposer.Next(space.Problem, _trials, Math.Min(batch, trials - _trials.Count));
            if (proposals.IsEmpty)
            {
                await error.WriteLineAsync($"Every allowed setting has been tried, after {_trials.Count} trials.");
                break;
            }
            foreach (var proposal in proposals)
            {
                var trial = Trial.Pending(_trials.Count + 1, proposal.Point.AsSpan());
                _trials.Add(trial);
                await WriteAsync(new { ask = new { trial = trial.Number, parameters = Parameters(trial) } }, cancel);
            }
            while (open && _trials.Exists(t => t.State == TrialState.Pending)) open = await HearAsync(cancel);
        }
        if (!open) await error.WriteLineAsync($"The input ended with {_trials.Count(t => t.State == TrialState.Pending)} trials untold; this is what the others say.");
        await EndAsync(cancel);
    }

    private async Task<bool> HearAsync(CancellationToken cancel)
    {
        if (await input.ReadLineAsync(cancel) is not { } line) return false;
        _line++;
        if (string.IsNullOrWhiteSpace(line)) return true;
        JsonElement tell;
        try
        {
            using var read = JsonDocument.Parse(line);
            tell = read.RootElement.ValueKind == JsonValueKind.Object && read.RootElement.TryGetProperty("tell", out var told) && told.ValueKind == JsonValueKind.Object
                ? told.Clone() : throw Fault("no {\"tell\":{…}}.");
        }
        catch (JsonException)
        {
            throw Fault("not JSON.");
        }
        if (!tell.TryGetProperty("trial", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt32(out var at)) throw Fault("tell.trial: a number is missing.");
        if (at < 1 || at > _trials.Count) throw Fault($"tell.trial: {at} has not been asked for.");
        if (_trials[at - 1].State != TrialState.Pending) throw Fault($"tell.trial: {at} has been told before.");
        _trials[at - 1] = tell.TryGetProperty("failed", out var failed) && failed.ValueKind == JsonValueKind.True
            ? _trials[at - 1] with { State = TrialState.Failed } : _trials[at - 1] with { State = TrialState.Measured, Metrics = Metrics(tell) };
        return true;
    }

    private ImmutableSortedDictionary<string, Measured> Metrics(JsonElement tell)
    {
        var metrics = ImmutableSortedDictionary.CreateBuilder<string, Measured>(StringComparer.Ordinal);
        if (!tell.TryGetProperty("metrics", out var told) || told.ValueKind != JsonValueKind.Object) throw Fault("tell.metrics: an object with the metrics is missing; a trial without any is \"failed\":true.");
        foreach (var name in space.Problem.Metrics)
        {
            if (!told.TryGetProperty(name, out var metric)) throw Fault($"tell.metrics.{name}: it is missing; a trial without it is \"failed\":true.");
            var isObject = metric.ValueKind == JsonValueKind.Object;
            var mean = isObject ? metric.TryGetProperty("mean", out var m) ? m : default : metric;
            if (mean.ValueKind != JsonValueKind.Number || !double.IsFinite(mean.GetDouble())) throw Fault($"tell.metrics.{name}.mean: a number is missing; a trial without one is \"failed\":true.");
            var sem = double.NaN; // not known: inferred
            if (isObject && metric.TryGetProperty("sem", out var s) && s.ValueKind != JsonValueKind.Null)
                sem = s.ValueKind == JsonValueKind.Number && s.GetDouble() is >= 0 and < double.PositiveInfinity and var given ? given : throw Fault($"tell.metrics.{name}.sem: give 0 or more, or leave it out.");
            metrics[name] = new(mean.GetDouble(), sem);
        }
        return metrics.ToImmutable();
    }

    private async Task EndAsync(CancellationToken cancel)
    {
        var several = space.Problem.Goals.Length > 1;
        if (Surrogates.Of(space.Problem, _trials) is not { } surrogates)
        {
            await error.WriteLineAsync("No trial was measured: nothing can be recommended.");
            await WriteAsync(several ? new { front = Array.Empty<object>() } : new { best = (object?)null }, cancel);
            return;
        }
        if (!several)
        {
            var best = Standing.Recommended(surrogates);
            if (best.Feasibility < 0.5) await error.WriteLineAsync($"No trial probably keeps every constraint; trial {best.Trial.Number} comes nearest.");
            await WriteAsync(new { best = Judgement(best, several) }, cancel);
            return;
        }
        await WriteAsync(new { front = Standing.Front(surrogates).Select(j => Judgement(j, several)).ToArray() }, cancel);
    }

    private object Judgement(Judged judged, bool several)
    {
        var predicted = judged.Predicted.ToDictionary(p => p.Key, p => new { mean = p.Value.Mean, sem = p.Value.Deviation });
        return several
            ? new { trial = judged.Trial.Number, parameters = Parameters(judged.Trial), predicted, feasible = judged.Feasibility, onFront = double.IsNaN(judged.OnFront) ? (double?)null : judged.OnFront }
            : new { trial = judged.Trial.Number, parameters = Parameters(judged.Trial), predicted, feasible = judged.Feasibility };
    }

    private Dictionary<string, object> Parameters(Trial trial) =>
        space.Problem.Space.Values(trial.Point.AsSpan()).ToDictionary(v => v.Key, v => space.Written(v.Key, v.Value));

    private async Task WriteAsync(object line, CancellationToken cancel)
    {
        await output.WriteLineAsync(JsonSerializer.Serialize(line, s_json).AsMemory(), cancel);
        await output.FlushAsync(cancel);
    }

    private OptimizeFault Fault(string reason) => new($"Input line {_line}: {reason}");
}
