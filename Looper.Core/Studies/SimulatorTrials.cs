using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Text.Json;
using Looper.Core.Optimization;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Studies;

/// <summary>Trials measured by an HTTP endpoint of the user: <c>POST {"study", "trial", "parameters"}</c>, answered by
/// <c>{"metrics": {"revenue": {"mean", "standardError"}}, "units"}</c> or <c>{"failed": true, "note"}</c>.</summary>
/// <remarks>One trial a step. What cannot be reached is tried again until the days of a batch are over; what answers nonsense has failed.
/// A call may be repeated after a fall, with the same trial number.</remarks>
public sealed class SimulatorTrials(IDbContextFactory<LooperDb> databases, SimulatorHttp http, TimeProvider clock, ChangeFeed changes) : ITrialSource
{
    private const int MaxAnswer = 65_536;

    public async Task<bool> MeasureAsync(Study study, StudyPlan plan, IReadOnlyList<StudyTrial> open, CancellationToken cancel)
    {
        var trial = open[0];
        var (answer, unreachable) = await AskAsync(study, plan, trial, cancel);
        var late = clock.GetUtcNow() - trial.AskedAt > TimeSpan.FromDays(plan.BatchDays);
        await using var db = await databases.CreateDbContextAsync(cancel);
        var stored = await db.Set<Study>().SingleAsync(s => s.Id == study.Id, cancel);
        var trials = await db.Set<StudyTrial>().Where(t => t.StudyId == study.Id).ToListAsync(cancel);
        if (trials.Find(t => t.Id == trial.Id) is not { State: StudyTrialState.Running } row) return true; // told or struck out meanwhile
        if (unreachable is not null && !late)
        {
            if (stored.Reason == unreachable) return false;
            stored.Reason = unreachable;
        }
        else
        {
            var fault = unreachable ?? (answer!.Failed ? answer.Note ?? "The simulator says it failed." : Missing(plan, answer));
            Proposals.Told(row, fault is null ? StudyJson.Write(Kept(plan, answer!)) : null, answer?.Units, fault ?? answer?.Note, clock.GetUtcNow());
            (stored.ReadAt, stored.Reason) = (clock.GetUtcNow(), stored.State == StudyState.Running ? null : stored.Reason);
            Proposals.PauseWhenSpoiled(stored, trials);
        }
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Study, study.Id);
        return unreachable is null || late;
    }

    public Task<bool> EndBatchAsync(Study study, int batch, CancellationToken cancel) => Task.FromResult(true);

    private async Task<(Answer? Answer, string? Unreachable)> AskAsync(Study study, StudyPlan plan, StudyTrial trial, CancellationToken cancel)
    {
        var address = new Uri(plan.SimulatorUrl!);
        try
        {
            using var body = JsonContent.Create(new { study = study.Id, trial = trial.Number, parameters = StudyJson.ReadValues(trial.Parameters) }, options: StudyJson.Options);
            using var response = await http.Client.PostAsync(address, body, cancel);
            if (!response.IsSuccessStatusCode) return (null, $"Trial {trial.Number}: the simulator at {address.Host} answered {(int)response.StatusCode}. It is tried again every few seconds.");
            var text = await response.Content.ReadAsStringAsync(cancel);
            if (text.Length > MaxAnswer) return (new() { Failed = true, Note = $"The simulator's answer of {text.Length} characters is too long." }, null);
            return (JsonSerializer.Deserialize<Answer>(text, StudyJson.Options) ?? new() { Failed = true, Note = "The simulator answered nothing." }, null);
        }
        catch (Exception fault) when (fault is JsonException or InvalidOperationException) // the latter: text in an encoding that there is not
        {
            return (new() { Failed = true, Note = $"The simulator's answer is not what was agreed: {fault.Message}" }, null);
        }
        catch (Exception fault) when (fault is HttpRequestException || fault is TaskCanceledException && !cancel.IsCancellationRequested)
        {
            return (null, $"Trial {trial.Number}: the simulator at {address.Host} cannot be reached ({(fault is HttpRequestException ? fault.Message.TrimEnd('.') : "no answer in time")}). It is tried again every few seconds.");
        }
    }

    private static string? Missing(StudyPlan plan, Answer answer)
    {
        foreach (var name in StudyAnalysis.ProblemOf(plan).Metrics)
        {
            if (answer.Metrics is null || !answer.Metrics.TryGetValue(name, out var metric) || !double.IsFinite(metric.Mean)) return $"The simulator's answer has no mean of '{name}'.";
            if (metric.StandardError < 0 || double.IsInfinity(metric.StandardError)) return $"The simulator's standard error of '{name}' is not 0 or more.";
        }
        return null;
    }

    private static ImmutableSortedDictionary<string, TrialMetric> Kept(StudyPlan plan, Answer answer) =>
        StudyAnalysis.ProblemOf(plan).Metrics.ToImmutableSortedDictionary(m => m, m => answer.Metrics![m] with { SharedVariance = 0 }, StringComparer.Ordinal);

    private sealed record Answer
    {
        public ImmutableSortedDictionary<string, TrialMetric>? Metrics { get; init; }
        public bool Failed { get; init; }
        public string? Note { get; init; }
        public long? Units { get; init; }
    }
}

/// <summary>The client that simulators are called with; a test brings its own handler.</summary>
public sealed class SimulatorHttp : IDisposable
{
    public SimulatorHttp() : this(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { }

    public SimulatorHttp(HttpMessageHandler handler) => Client = new(handler) { Timeout = TimeSpan.FromSeconds(60), MaxResponseContentBufferSize = 1_048_576 };

    public HttpClient Client { get; }

    public void Dispose() => Client.Dispose();
}
