using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Events;
using Looper.Core.Experiments;
using Looper.Core.Metering;
using Looper.Core.Models;
using Looper.Core.OffPolicy;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Policies;

/// <summary>Looks what came of versions that were judged before they were published. Each look counts everything again.</summary>
/// <remarks>A version's lift is its mean reward less what the version before would have earned on the same decisions, by self-normalised inverse
/// propensity: the scale of the prediction. Where the new version leaves the old one's choices no chance, the old one is a bandit (begun anew on these decisions it would know nothing
/// of what it had learned, and look worse than it was), or the two have another unit, kind of a feature or number of places, held-out units are the comparison, and the prediction is that against the baseline.</remarks>
public sealed class LaunchFollowing(IDbContextFactory<LooperDb> databases, ExampleReader examples, TimeProvider clock)
{
    private const int MostDecisions = 200_000;

    /// <summary>Decisions that a launch is looked at by at most, the newest ones whose outcome is certain.</summary>
    internal int Most { get; init; } = MostDecisions;

    /// <summary>A launch is followed for so long and the longest window of its outcomes, or until the next version is published.</summary>
    public static readonly TimeSpan For = TimeSpan.FromDays(60);

    /// <summary>Looks at every launch once. One that cannot be read keeps none of the others back.</summary>
    /// <returns>How many launches were looked at.</returns>
    /// <exception cref="AggregateException">What failed, after all have been looked at.</exception>
    public async Task<int> CheckAsync(CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        var since = clock.GetUtcNow() - For - Outcome.LongestWindow;
        var followed = await db.Set<PolicyEvaluation>().Where(e => e.LaunchedVersion != null && (e.Observed == null || e.LaunchedAt > since)).Select(e => e.Id).ToListAsync(cancel);
        return await OneByOne.DoAsync(followed, id => $"The launch of what evaluation {id} foretold", id => FollowAsync(id, cancel));
    }

    private async Task<bool> FollowAsync(Guid id, CancellationToken cancel)
    {
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<PolicyEvaluation>().SingleOrDefaultAsync(e => e.Id == id, cancel) is not { } launch) return false;
        using var counted = WorkMeter.For(launch.DecisionPointId);
        if (await LookAsync(db, launch, cancel) is not { } observed) return false;
        launch.Observed = PolicyJson.Write(observed);
        launch.ObservedAt = clock.GetUtcNow();
        await db.SaveChangesAsync(cancel);
        return true;
    }

    // null where it was looked at before, and is followed no more
    private async Task<ObservedLift?> LookAsync(LooperDb db, PolicyEvaluation launch, CancellationToken cancel)
    {
        var (now, predicted) = (clock.GetUtcNow(), PolicyJson.Read<PolicyEvaluationResult>(launch.Result));
        var version = launch.LaunchedVersion!.Value;
        var foretold = predicted.Foretold(version - 1);
        var until = await db.Set<Blueprint>().Where(b => b.DecisionPointId == launch.DecisionPointId && b.Version > version).OrderBy(b => b.PublishedAt).Select(b => (DateTimeOffset?)b.PublishedAt).FirstOrDefaultAsync(cancel);
        var stored = await StoredVersions.ReadAsync(db, launch.DecisionPointId, cancel);
        var (contents, launched) = (stored.Contents, stored.Of(version));
        var goal = GoalReward.Of(launched).Value;
        if (launch.Observed is not null && launch.LaunchedAt <= now - For - (goal?.Outcomes.Max(o => o.Window) ?? TimeSpan.Zero)) return null;
        if (!stored.CanRead(version - 1)) return Nothing(now, foretold, "The version before cannot be read any more.");
        if (goal is not { } reward) return Nothing(now, foretold, "There is no outcome to compare by.");
        var before = contents.GetValueOrDefault(version - 1) ?? launched;
        var models = await db.Set<Model>().AsNoTracking().Where(m => m.DecisionPointId == launch.DecisionPointId && m.State == ModelState.Live).ToListAsync(cancel);
        var other = WhyOther(before, launched);
        if (LoggedDecisions.For(other is null ? before : launched with { Policy = new RandomPolicy() }, contents, reward, models.Select(m => new ModelSource(m.Number, m.Outcome, m.Artefact))).Value is not { } log)
            return Nothing(now, foretold, "The version before cannot be compiled any more.");

        var (held, targeted, isPicked) = (new HeldOutRewards(reward), await TargetedAsync(db, launch.DecisionPointId, cancel), false);
        var (decisions, tried) = (0L, 0L);
        var query = new ExampleQuery(launch.DecisionPointId, reward.Outcomes) { From = launch.LaunchedAt, Until = until, AsOf = now, ByPlace = log.IsRanking };
        query = query with { Newest = await examples.NewestOfAsync(query with { Outcomes = reward.Outcomes[..reward.Needed] }, Most / Math.Max(1, launched.Positions ?? 1), cancel) };
        await foreach (var example in examples.ReadAsync(query, cancel))
        {
            if (example.Decision.BlueprintVersion != version) continue;
            decisions++;
            if (example.Decision.ExperimentId is { } experiment)
            {
                tried++;
                isPicked |= targeted.Contains(experiment);
                continue;
            }
            log.Add(example);
            held.Add(example);
        }
        // where experiments took most, what is left is of the weeks without them, and held-out units are of all weeks
        var unlike = isPicked ? "an experiment took its audience from the others alone" : 2 * tried > decisions ? "experiments took more than half of its decisions while units went on being held out" : null;
        if (log.DecisionCount < ValueWords.LeastDecisions) return Nothing(now, foretold, TooFew(log.DecisionCount, tried, decisions)) with { Decisions = log.DecisionCount };
        var untold = before.Policy is BanditPolicy ? "It learned as it went, and what it knew at the launch is not in the decisions since." : other;
        return Compare(now, predicted, foretold, log, held, unlike, untold, $"version {version - 1} on the same decisions");
    }

    private static string TooFew(long known, long tried, long decisions) => tried == 0
        ? FormattableString.Invariant($"{known:N0} of {ValueWords.LeastDecisions} decisions have a known outcome yet.")
        : FormattableString.Invariant($"Experiments took {tried:N0} of the {decisions:N0} decisions that were looked at. Of the others {known:N0} of {ValueWords.LeastDecisions} have a known outcome yet.");

    /// <summary>Why the version before cannot be asked about decisions of this one, whatever its policy; null where it can.</summary>
    private static string? WhyOther(BlueprintContent before, BlueprintContent launched)
    {
        if (before.UnitName != launched.UnitName) return $"It decided for another unit: {before.UnitName}, and no {launched.UnitName}.";
        if (before.Positions != launched.Positions) return FormattableString.Invariant($"It showed {before.Positions} places, and not {launched.Positions}.");
        var other = launched.AllFeatures.FirstOrDefault(f => before.AllFeatures.Any(b => b.Name == f.Name && b.Kind != f.Kind));
        return other is null ? null : $"Its feature `{other.Name}` was of another kind.";
    }

    /// <summary>Experiments for an audience. Their units are not among those decided for, and are among those held out: the two are no longer alike.</summary>
    private static async Task<HashSet<Guid>> TargetedAsync(LooperDb db, Guid decisionPoint, CancellationToken cancel)
    {
        var plans = await db.Set<Experiment>().AsNoTracking().Where(e => e.DecisionPointId == decisionPoint).Select(e => new { e.Id, e.Plan }).ToListAsync(cancel);
        return [.. plans.Where(e => !ExperimentJson.ReadPlan(e.Plan).Audience.IsDefaultOrEmpty).Select(e => e.Id)];
    }

    private static ObservedLift Compare(DateTimeOffset now, PolicyEvaluationResult predicted, Estimated foretold, LoggedDecisions log, HeldOutRewards held, string? unlike, string? untold, string against)
    {
        var rows = log.Rows();
        var figures = WeightFigures.Of(rows.Weights, rows.Units);
        var served = rows with { Weights = [.. rows.Weights.Select(_ => 1.0)], Reference = rows.Weights };
        var refused = untold ?? ValueWords.Refusal(figures, log.NotUsed, log.Unsupported(out var never), [.. never.Select(a => log.Options[a])], log.DecisionCount, log.IsRanking)?.Why;
        var onHoldout = false;
        if (refused is not null)
        {
            if (unlike is not null) return Nothing(now, foretold, $"What the version before would have earned cannot be told, nor can held-out units be compared: {unlike}. {refused}") with { Decisions = log.DecisionCount };
            if (held.Count < ValueWords.LeastEffective || held.UnitCount < WeightFigures.LeastUnits || log.UnitCount < WeightFigures.LeastUnits) return Nothing(now, foretold, $"What the version before would have earned cannot be told, and too few units are held out or decided for. {refused}") with { Decisions = log.DecisionCount };
            (served, onHoldout, foretold, against) = (held.Beside(rows), true, predicted.FromBaseline, "held-out units");
        }
        var figure = PolicyEstimates.One(served, new EstimatePlan(), "snips");
        var lift = Estimated.Of(figure.Relative);
        return new(now, against, onHoldout, log.DecisionCount, Estimated.Of(figure.Value, figure.Bootstrap), lift, foretold, ObservedLift.Agree(lift, foretold), double.IsNaN(lift.Value) ? "What it is compared with is too near to 0 to divide by." : null);
    }

    private static ObservedLift Nothing(DateTimeOffset now, Estimated predicted, string why) => new(now, "", false, 0, Estimated.Undefined, Estimated.Undefined, predicted, null, why);
}
