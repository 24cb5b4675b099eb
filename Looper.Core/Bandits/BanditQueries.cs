using System.Collections.Immutable;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Learning.Bandits;
using Looper.Core.Persistence;
using Looper.Core.Serving;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Bandits;

/// <summary>Bandits as people read them.</summary>
public sealed class BanditQueries(IDbContextFactory<LooperDb> databases, TimeProvider clock)
{
    private static readonly TimeSpan s_week = TimeSpan.FromDays(7);

    /// <summary>The bandit of a decision point's current version, or of an arm of a running experiment.</summary>
    /// <param name="experiment">Key of the experiment; null for the current version.</param>
    /// <param name="arm">Key of its arm.</param>
    public async Task<Answered<BanditView>> FindAsync(Caller caller, string key, string? experiment, string? arm, CancellationToken cancel)
    {
        ArgumentNullException.ThrowIfNull(caller);
        if (caller.Lacks(Right.Read) is { } denied) return denied;
        if (experiment is null != arm is null)
            return new Refusal("bandit.invalid", "The bandit of an arm is named by both its experiment and its arm. Give both, or neither for the current version's.", experiment is null ? "experiment" : "arm");
        await using var db = await databases.CreateDbContextAsync(cancel);
        if (await db.Set<DecisionPoint>().AsNoTracking().SingleOrDefaultAsync(p => p.Key == key, cancel) is not { } point)
            return new Refusal("decision-point.unknown", $"There is no decision point '{key}'.");
        if (experiment is null)
        {
            return await ContentAsync(db, point.Id, point.CurrentVersion, cancel) is { Policy: BanditPolicy policy } content
                ? InUnits(View(key, policy, content, point.CurrentVersion, await LearnedAsync(db, point.Id, "", cancel)), content)
                : new Refusal("bandit.unknown", $"The policy of '{key}' is no bandit. Publish a version with the policy `bandit`.");
        }
        var running = await db.Set<Experiment>().AsNoTracking().SingleOrDefaultAsync(e => e.DecisionPointId == point.Id && e.Key == experiment && e.State == ExperimentState.Running, cancel);
        if (running is null || ExperimentJson.ReadPlan(running.Plan) is not { } plan || plan.ArmIndex(arm!) is not (>= 0 and var index))
            return new Refusal("bandit.unknown", $"No experiment '{experiment}' with an arm '{arm}' runs on '{key}'.");
        var place = new BanditArm(running.Id, index, plan.Arms[index]);
        var version = place.VersionAt(point.CurrentVersion);
        var versions = new Dictionary<int, BlueprintContent>();
        if (await ContentAsync(db, point.Id, version, cancel) is { } published) versions[version] = published;
        return place.ContentOf(versions, point.CurrentVersion) is { Policy: BanditPolicy learning } own
            ? InUnits(View(key, learning, own, version, await LearnedAsync(db, point.Id, place.Name, cancel)), own) with { Experiment = experiment, Arm = arm }
            : new Refusal("bandit.unknown", $"Arm '{arm}' of '{experiment}' is no bandit of its own. Give it the policy `bandit`.");
    }

    private static async Task<BlueprintContent?> ContentAsync(LooperDb db, Guid point, int version, CancellationToken cancel) =>
        version == 0 ? null : await StoredVersions.ServedAsync(db, point, version, cancel);

    private static Task<LearnedBandit?> LearnedAsync(LooperDb db, Guid point, string arm, CancellationToken cancel) =>
        db.Set<LearnedBandit>().AsNoTracking().SingleOrDefaultAsync(b => b.DecisionPointId == point && b.Arm == arm, cancel);

    private BanditView View(string key, BanditPolicy policy, BlueprintContent content, int version, LearnedBandit? known)
    {
        var (options, window) = (AnswerSet.Of(content).Value?.Options ?? [], BanditReward.OutcomesOf(content).Select(o => o.Window).DefaultIfEmpty().Max());
        if (known is null || BanditFile.Read(known.State) is not { } state)
            return new BanditView(key, policy.Algorithm, policy.Explore, policy.Budget, window, version, null, null, null, 0, BanditLearning.FewestDecisions, null, [.. options.Select(o => new BanditOption(o, 0, null, null))], []) { Guardrails = Unlearned(content), Picks = content.Shape.TakesCandidates(), Ranks = content.Shape == DecisionShape.Ranking, Baseline = BaselineOf(content), Held = content.Goal.Guardrails.IsEmpty ? null : 1 };
        var (steps, isGuarding) = (BanditStep.Read(known.Steps), state.Guards?.IsFor(BanditGuarding.MeaningsOf(content), BanditGuarding.BaselineOf(content, AnswerSet.Of(content).Value!)) == true); // as what serves asks
        ImmutableArray<BanditStep> week = [.. steps.Where(s => s.At > clock.GetUtcNow() - s_week)]; // what was learned seldom is kept for longer
        var (drawn, explored) = (week.Sum(s => state.IsOfPlaces ? s.Places : s.Decisions), week.Sum(s => s.Explored));
        return new BanditView(
            key, policy.Algorithm, policy.Explore, policy.Budget, window, version, known.Version, known.LearnedAt, known.LearnedUntil, known.Rows, BanditLearning.FewestDecisions,
            drawn == 0 ? null : (double)explored / drawn, content.Shape.TakesCandidates() ? Picked(steps) : [.. options.Select(o => OptionOf(o, state, steps, new(content)))], steps)
        {
            Picks = content.Shape.TakesCandidates(), Ranks = content.Shape == DecisionShape.Ranking, Places = state.IsOfPlaces ? PlacesOf(state, content) : [],
            Guardrails = isGuarding && steps is [.., var last] ? last.Guardrails : Unlearned(content), Baseline = BaselineOf(content),
            Held = content.Goal.Guardrails.IsEmpty ? null : isGuarding ? 1 - state.Guards!.Share : 1,
        };
    }

    private static BanditView InUnits(BanditView view, BlueprintContent content)
    {
        ImmutableArray<Outcome> outcomes = [.. content.Goal.Terms.Select(t => content.Outcomes.FirstOrDefault(o => o.Name == t.Outcome)).OfType<Outcome>()];
        return view with
        {
            GoalIsRate = content.Goal.Terms is [{ Weight: 1 }] && outcomes is [{ Kind: OutcomeKind.Boolean }],
            GoalUnit = outcomes.Select(o => o.UnitOfMeasure).Distinct().ToArray() is [var unit] ? unit : null,
            Guardrails = [.. view.Guardrails.Select(g => content.Outcomes.FirstOrDefault(o => o.Name == g.Outcome) is { } outcome ? g with { IsRate = outcome.Kind == OutcomeKind.Boolean, UnitOfMeasure = outcome.UnitOfMeasure } : g)],
        };
    }

    private static ImmutableArray<PlaceEffect> PlacesOf(BanditState state, BlueprintContent content)
    {
        var (effects, shown) = (PlaceEffects.Of(state.Statistics, new BanditSettings().Ridge), content.Positions ?? 1);
        return [.. effects.Select((effect, band) => (Band: PlaceEffects.PlacesOf(band, shown), effect, state.Statistics.Options[band].Weight)).Where(e => e.Band.First <= shown).Select(e => new PlaceEffect(e.Band.First, e.Band.Last, e.effect, e.Weight))];
    }

    private static ImmutableArray<BanditOption> Picked(ImmutableArray<BanditStep> steps) =>
        [.. steps.SelectMany(s => s.Chosen).GroupBy(c => c.Key).Select(g => new BanditOption(g.Key, g.Sum(c => c.Value), null, null)).OrderByDescending(o => o.Decisions).ThenBy(o => o.Key, StringComparer.Ordinal).Take(BanditStep.MostCandidates)];

    private static string? BaselineOf(BlueprintContent content) => content.Goal.Guardrails.IsEmpty ? null : content.Rollout.Baseline ?? content.Default;

    private static ImmutableArray<GuardrailFigure> Unlearned(BlueprintContent content) =>
        [.. BanditGuarding.OutcomesOf(content).Select((o, g) => new GuardrailFigure(o.Name, o.Better == Direction.Lower, content.Goal.Guardrails[g].MarginRelative, 0, "unknown", null, null, null, null, "Nothing is learned yet for this version."))];

    internal static BanditOption OptionOf(string key, BanditState state, ImmutableArray<BanditStep> steps, BanditReward reward)
    {
        if (state.Options.IndexOf(key) is not (>= 0 and var at)) return new(key, 0, null, null);
        var sums = state.Statistics.Options[at];
        return new(key, sums.Weight, sums.Weight > 0 ? reward.Told(sums.Reward / sums.Weight) : null, steps is [.., var last] && last.Chances.TryGetValue(key, out var chance) ? chance : null);
    }
}
