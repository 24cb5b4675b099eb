using Looper.Core.Access;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Looper.Core.Runs;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Policies;

/// <summary>Reads evaluations and the track record.</summary>
public sealed class PolicyEvaluationQueries(IDbContextFactory<LooperDb> databases)
{
    private const int Most = 100;

    public async Task<Answered<PolicyEvaluationView>> FindAsync(Caller caller, string key, Guid id, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await PointAsync(db, key, cancel) is not { } point) return UnknownPoint(key);
        var run = await db.Set<JobRun>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == id && r.Kind == JobKinds.ValuePolicy && r.DecisionPointId == point, cancel);
        var made = await db.Set<PolicyEvaluation>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == id && e.DecisionPointId == point, cancel);
        return run is null && made is null ? new Refusal("policy-evaluation.unknown", $"There is no evaluation {id} of '{key}'.") : View(key, run, made);
    }

    /// <summary>Newest first, those that run among them: so many that people asked for, and so many of apprentices, which come by the day or the hour.</summary>
    public async Task<Answered<IReadOnlyList<PolicyEvaluationView>>> ListAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await PointAsync(db, key, cancel) is not { } point) return UnknownPoint(key);
        List<PolicyEvaluationView> all = [.. await NewestAsync(db, key, point, false, cancel), .. await NewestAsync(db, key, point, true, cancel)];
        return all.OrderByDescending(e => e.RequestedAt).ToList();
    }

    private static async Task<IEnumerable<PolicyEvaluationView>> NewestAsync(LooperDb db, string key, Guid point, bool isOfApprentice, CancellationToken cancel)
    {
        var asked = db.Set<JobRun>().AsNoTracking().Where(r => r.DecisionPointId == point && r.Kind == JobKinds.ValuePolicy);
        var apprentices = asked.Where(r => r.Input.Contains(ValueInput.AskedOfApprentice)).Select(r => r.Id);
        var made = await db.Set<PolicyEvaluation>().AsNoTracking().Where(e => e.DecisionPointId == point && apprentices.Contains(e.Id) == isOfApprentice)
            .OrderByDescending(e => e.MadeAt).Take(Most).ToDictionaryAsync(e => e.Id, cancel);
        var newest = await asked.Where(r => apprentices.Contains(r.Id) == isOfApprentice).OrderByDescending(r => r.RequestedAt).Take(Most).ToListAsync(cancel);
        var runs = newest.Concat(await asked.Where(r => made.Keys.Contains(r.Id)).ToListAsync(cancel)).DistinctBy(r => r.Id).ToDictionary(r => r.Id);
        return made.Keys.Union(runs.Keys).Select(id => View(key, runs.GetValueOrDefault(id), made.GetValueOrDefault(id))).OrderByDescending(e => e.RequestedAt).Take(Most);
    }

    /// <summary>The newest evaluation of exactly this content that is no published version's yet, and so goes with the next; null when there is none.</summary>
    /// <param name="hash">Of the canonical JSON.</param>
    public async Task<PolicyEvaluationView?> OfContentAsync(Caller caller, string key, string hash, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is not null) return null;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await PointAsync(db, key, cancel) is not { } point) return null;
        var made = await db.Set<PolicyEvaluation>().AsNoTracking().Where(e => e.DecisionPointId == point && e.Hash == hash && e.LaunchedVersion == null).OrderByDescending(e => e.MadeAt).FirstOrDefaultAsync(cancel);
        return made is null ? null : View(key, null, made);
    }

    /// <summary>Every launch with a prediction, the newest first.</summary>
    /// <param name="key">Of one decision point; null for all.</param>
    public async Task<Answered<TrackRecord>> TrackRecordAsync(Caller caller, string? key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var launched = db.Set<PolicyEvaluation>().AsNoTracking().Where(e => e.LaunchedVersion != null);
        if (key is not null)
        {
            if (await PointAsync(db, key, cancel) is not { } point) return UnknownPoint(key);
            launched = launched.Where(e => e.DecisionPointId == point);
        }
        var keys = await db.Set<DecisionPoint>().ToDictionaryAsync(p => p.Id, p => p.Key, cancel);
        var rows = await launched.OrderByDescending(e => e.LaunchedAt).Take(1_000).ToListAsync(cancel);
        List<LaunchView> launches = [.. rows.Select(e => Launch(keys.GetValueOrDefault(e.DecisionPointId, ""), e))];
        var compared = launches.Where(l => l.Observed?.IsAsPredicted is not null).ToList();
        return new TrackRecord([.. launches], compared.Count,
            compared.Count(l => l.Observed!.Predicted.Low <= l.Observed.Relative.Value && l.Observed.Relative.Value <= l.Observed.Predicted.High), compared.Count(l => l.Observed!.IsAsPredicted == true));
    }

    private static LaunchView Launch(string key, PolicyEvaluation made)
    {
        var result = PolicyJson.Read<PolicyEvaluationResult>(made.Result);
        return new(key, made.LaunchedVersion!.Value, made.LaunchedAt!.Value, made.Id, result.Sentence, result.Reward, result.LowerIsBetter, result.Decisions, result.Foretold(made.LaunchedVersion.Value - 1), Observed(made));
    }

    private static PolicyEvaluationView View(string key, JobRun? run, PolicyEvaluation? made)
    {
        var result = made is null ? null : PolicyJson.Read<PolicyEvaluationResult>(made.Result);
        var input = run is null ? null : ValueInput.Read(run.Input);
        return new(
            made?.Id ?? run!.Id, key, made?.Title ?? input!.Title, run?.State ?? JobState.Done, run?.Phase ?? "", Math.Round(run?.Percent ?? 100, 1), result?.Sentence ?? run?.Result,
            made?.RequestedBy ?? run!.RequestedBy, run?.RequestedAt ?? made!.MadeAt, result, made?.LaunchedVersion, made?.LaunchedAt, made is null ? null : Observed(made), input?.IsWindow == true);
    }

    private static ObservedLift? Observed(PolicyEvaluation made) => made.Observed is { } json ? PolicyJson.Read<ObservedLift>(json) : null;

    private static Task<Guid?> PointAsync(LooperDb db, string key, CancellationToken cancel) =>
        db.Set<DecisionPoint>().Where(p => p.Key == key).Select(p => (Guid?)p.Id).SingleOrDefaultAsync(cancel);

    private static Refusal UnknownPoint(string key) => new("decision-point.unknown", $"There is no decision point '{key}'.");
}
