using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Metering;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Policies;

/// <summary>Lets a policy learn beside the one that decides, asks again what it would have earned, and makes a draft of it.</summary>
public sealed class ApprenticeActions(
    IDbContextFactory<LooperDb> databases, PolicyValueActions values, ApprenticeQueries apprentices, DraftActions drafts, ExampleReader examples, Ids ids, ChangeFeed changes, TimeProvider clock)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromDays(90), s_again = TimeSpan.FromHours(1), s_atTheLatest = TimeSpan.FromDays(1);
    private const double Growth = 1.2;

    /// <summary>Decisions that it is judged on at most.</summary>
    internal int MostJudged { get; init; } = PolicyValuation.MostDecisions;

    /// <summary>Begins, or begins with another policy, and asks at once what it would have earned so far.</summary>
    public async Task<Answered<ApprenticeView>> BeginAsync(Caller caller, string key, PolicySpec policy, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point) return ApprenticeQueries.UnknownPoint(key);
        if (point.CurrentVersion == 0) return new Refusal("decision-point.not-published", $"'{key}' has not been published, so nothing has been decided that it could learn from.");
        var content = await ApprenticeQueries.ContentAsync(db, point, cancel);
        if (ValuedShapes.WhyNot(content.Shape) is { } untold) return untold;
        if (ApprenticeQueries.Unfit(content, policy) is { } unfit) return unfit;
        if (ApprenticeQueries.Same(content.Policy, policy)) return new Refusal("apprentice.invalid", "Policy: this one decides already, so there is nothing to learn beside it. Name another.", "policy");
        var apprentice = await db.Set<Apprentice>().SingleOrDefaultAsync(a => a.DecisionPointId == point.Id, cancel);
        if (apprentice is null) db.Add(apprentice = new() { Id = ids.Next(), DecisionPointId = point.Id });
        apprentice.Begin(policy, caller.Name, clock.GetUtcNow());
        db.Add(AuditEntry.Of(caller, "apprentice.started", apprentice.Id, apprentice.StartedAt, after: new { DecisionPoint = key, Policy = policy.Word }));
        await db.SaveChangesAsync(cancel);
        await AskAsync(db, caller, point, apprentice, cancel);
        changes.Announce(ChangeKind.Model, point.Id);
        return await apprentices.FindAsync(caller, key, cancel);
    }

    /// <summary>Ends; what was judged stays in the list.</summary>
    public async Task<Refusal?> EndAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await ApprenticeQueries.PairAsync(db, key, cancel);
        if (found.Refusal is { } refusal) return refusal;
        var (point, apprentice) = found.Value;
        db.Remove(apprentice);
        db.Add(AuditEntry.Of(caller, "apprentice.ended", apprentice.Id, clock.GetUtcNow(), before: new { DecisionPoint = key }));
        await db.SaveChangesAsync(cancel);
        changes.Announce(ChangeKind.Model, point.Id);
        return null;
    }

    /// <summary>A new draft of the decision point with it as the policy.</summary>
    public async Task<Answered<DraftView>> DraftAsync(Caller caller, string key, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await ApprenticeQueries.PairAsync(db, key, cancel);
        if (found.Refusal is { } refusal) return refusal;
        var (point, apprentice) = found.Value;
        if (ApprenticeQueries.Unfit(await ApprenticeQueries.ContentAsync(db, point, cancel), apprentice.Spec()) is { } unfit) return unfit;
        var content = await StoredVersions.StoredAsync(db, point.Id, point.CurrentVersion, cancel) with { Policy = apprentice.Spec() };
        var hash = BlueprintJson.Hash(BlueprintJson.Write(content)); // another version may have been published since the last judgement, which then says nothing of this draft
        var made = await db.Set<PolicyEvaluation>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == apprentice.EvaluationId && e.Hash == hash, cancel);
        var judged = made is null ? null : PolicyJson.Read<PolicyEvaluationResult>(made.Result);
        if (judged?.RefusedCode == PolicyEvaluationResult.LearnedNothing) return new Refusal("apprentice.learned-nothing", judged.Refused!);
        var said = judged?.Sentence;
        return await drafts.CreateAsync(caller, new(key, Content: content) { Note = $"Learned beside. {said}".Trim(), MustBeNew = true }, cancel);
    }

    /// <summary>Asks again for every apprentice with a fifth more decisions than at its last judgement, an hour after one that told a value, or none for a day. Twice is harmless. One that cannot be read keeps none of the others back.</summary>
    /// <returns>How many were asked for.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> FollowAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        return await OneByOne.DoAsync(await db.Set<Apprentice>().Select(a => a.Id).ToListAsync(cancel), id => $"Apprentice {id}", id => FollowAsync(id, cancel));
    }

    private async Task<bool> FollowAsync(Guid id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<Apprentice>().SingleOrDefaultAsync(a => a.Id == id, cancel) is not { } apprentice) return false;
        using var counted = WorkMeter.For(apprentice.DecisionPointId);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Id == apprentice.DecisionPointId, cancel);
        return !point.IsArchived && await IsDueAsync(db, point, apprentice, cancel) && await AskAsync(db, Caller.System, point, apprentice, cancel);
    }

    private async Task<bool> IsDueAsync(LooperDb db, DecisionPoint point, Apprentice apprentice, CancellationToken cancel)
    {
        var now = clock.GetUtcNow();
        if (apprentice is not { AskedAt: { } at, EvaluationId: { } id }) return true;
        if (now - at >= s_atTheLatest) return true;
        if (await db.Set<PolicyEvaluation>().AsNoTracking().SingleOrDefaultAsync(e => e.Id == id, cancel) is not { } made) return now - at >= s_again;
        var result = PolicyJson.Read<PolicyEvaluationResult>(made.Result);
        if (result.Refused is null && now - at < s_again) return false; // without a value yet, the first is not kept waiting
        var content = await ApprenticeQueries.ContentAsync(db, point, cancel) with { Policy = apprentice.Spec() };
        if (GoalReward.Of(content).Value is not { } reward) return false;
        // of the newest alone, as many as are judged: where there are more, a fifth more than those will never come
        Task<long> Certain(DateTimeOffset by) => examples.CountClosedAsync(
            new(point.Id, reward.Outcomes) { From = result.IsAfterLearning ? result.From : by - WindowOf(reward), Until = result.Until, AsOf = by, Newest = PolicyValuation.MostOf(content, MostJudged) }, cancel);
        var then = Math.Min(result.Decisions + result.NotUsed.Total, await Certain(at));
        return await Certain(now) is var certain && certain > then && certain >= Growth * then;
    }

    // one that is asked for already is met at the next look
    private async Task<bool> AskAsync(LooperDb db, Caller caller, DecisionPoint point, Apprentice apprentice, CancellationToken cancel)
    {
        var (now, policy) = (clock.GetUtcNow(), apprentice.Spec());
        var window = GoalReward.Of(await ApprenticeQueries.ContentAsync(db, point, cancel) with { Policy = policy }).Value is { } reward ? WindowOf(reward) : s_shortest;
        var asked = await values.AskAsync(caller, point.Key, new(Policy: policy, From: now - window), isWindow: true, cancel);
        if (asked.Refusal is not null) return false;
        apprentice.Asked(asked.Value, now);
        await db.SaveChangesAsync(cancel);
        return true;
    }

    // Of the last window nothing is certain, in the first nothing has been learned yet: a third is what it is judged on.
    private static TimeSpan WindowOf(GoalReward reward)
    {
        var needed = 3 * reward.Outcomes.Max(o => o.Window);
        return needed > s_shortest ? needed : s_shortest;
    }
}
