using System.Text.Json;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Policies;

/// <summary>Reads what learns beside.</summary>
public sealed class ApprenticeQueries(IDbContextFactory<LooperDb> databases, PolicyEvaluationQueries evaluations)
{
    public async Task<Answered<ApprenticeView>> FindAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await PairAsync(db, key, cancel);
        if (found.Refusal is { } refusal) return refusal;
        var (point, apprentice) = found.Value;
        var policy = apprentice.Spec();
        var content = await ContentAsync(db, point, cancel);
        var judged = apprentice.EvaluationId is { } id ? (await evaluations.FindAsync(caller, key, id, cancel)).Value : null;
        return new ApprenticeView(key, policy, Words.Of(policy), apprentice.StartedBy, apprentice.StartedAt, Same(content.Policy, policy), judged) { Unfit = Unfit(content, policy) };
    }

    /// <summary>Why a policy cannot learn beside a content; null where it can.</summary>
    internal static Refusal? Unfit(BlueprintContent content, PolicySpec policy) =>
        BlueprintRules.Check(content with { Policy = policy }) is [{ } fault, ..] ? new("apprentice.invalid", fault.Reason, fault.Field) : null;

    internal static bool Same(PolicySpec one, PolicySpec other) =>
        JsonSerializer.Serialize(one, PolicyJson.Options) == JsonSerializer.Serialize(other, PolicyJson.Options);

    internal static async Task<Answered<(DecisionPoint, Apprentice)>> PairAsync(LooperDb db, string key, CancellationToken cancel)
    {
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return UnknownPoint(key);
        return await db.Set<Apprentice>().SingleOrDefaultAsync(a => a.DecisionPointId == point.Id, cancel) is { } found ? (point, found)
            : new Refusal("apprentice.unknown", $"Nothing learns beside the policy of '{key}'. Begin with a policy.");
    }

    internal static Task<BlueprintContent> ContentAsync(LooperDb db, DecisionPoint point, CancellationToken cancel) =>
        StoredVersions.ServedAsync(db, point.Id, point.CurrentVersion, cancel);

    internal static Refusal UnknownPoint(string key) => new("decision-point.unknown", $"There is no decision point '{key}'.");
}
