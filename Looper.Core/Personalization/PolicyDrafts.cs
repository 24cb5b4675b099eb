using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Core.Persistence;
using Microsoft.EntityFrameworkCore;

namespace Looper.Core.Personalization;

/// <summary>From effects to a policy: what a rule would be worth, and the rule as a draft of the decision point.</summary>
public sealed class PolicyDrafts(IDbContextFactory<LooperDb> databases, DraftActions drafts)
{
    /// <summary>The rule and its value; nothing is stored.</summary>
    public async Task<Answered<PolicyProposal>> ProposeAsync(Caller caller, Guid effectsId, RuleQuestion question, CancellationToken cancel)
    {
        if (caller.Lacks(Right.Analyse) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await MakeAsync(db, effectsId, question, cancel);
        return found.Refusal is { } refusal ? refusal : found.Value.Proposal;
    }

    /// <summary>A new draft of the decision point: the current version with the rule as its policy, and the estimate in the draft's note.</summary>
    public async Task<Answered<DraftView>> DraftAsync(Caller caller, Guid effectsId, RuleQuestion question, CancellationToken cancel)
    {
        if (caller.Lacks(Right.EditDrafts) is { } denied) return denied;
        await using var db = await databases.CreateDbContextAsync(cancel);
        var found = await MakeAsync(db, effectsId, question, cancel);
        if (found.Refusal is { } refusal) return refusal;
        var (proposal, point, content) = found.Value;
        if (proposal.Blocked is { } blocked) return blocked;
        return await drafts.CreateAsync(caller, new(point.Key, Content: content) { Note = proposal.Note, MustBeNew = true }, cancel);
    }

    private static async Task<Answered<(PolicyProposal Proposal, DecisionPoint Point, BlueprintContent Content)>> MakeAsync(
        LooperDb db, Guid effectsId, RuleQuestion question, CancellationToken cancel)
    {
        if (await db.Set<EffectReport>().AsNoTracking().SingleOrDefaultAsync(r => r.Id == effectsId, cancel) is not { } report) return EffectQueries.Unknown(effectsId);
        var effects = EffectContent.Read(report.Content);
        if (effects.Settings.NoPolicy is { } why) return new Refusal("effects.no-policy", why);
        var arms = effects.Arms.Where(a => a.Compared).ToImmutableArray();
        var units = RuleUnits.Read(report.Units);
        if (question.Fault([.. arms.Select(a => a.Key)], [.. units.Others.Select(o => o.Outcome)]) is { } fault) return fault;
        var weights = question.Weights ?? ImmutableDictionary<string, double>.Empty;
        var rule = await Task.Run(() => Learn(WeighedUnits.Of(units, weights), arms, question, effects.Differs, cancel), cancel);
        var point = await db.Set<DecisionPoint>().AsNoTracking().SingleAsync(p => p.Key == effects.Settings.DecisionPoint, cancel);
        var current = await ExperimentActions.CurrentAsync(db, point, cancel);
        var began = await db.Set<Experiment>().Where(e => e.Id == report.ExperimentId).Select(e => e.StartedAt).SingleOrDefaultAsync(cancel);
        var outcomes = PolicyOutcomes.Of(units, effects, rule.Rule, weights);
        var proposal = Propose(rule.Rule, rule.Texts, arms, effects.Settings, question, outcomes, effectsId, new(began ?? DateTimeOffset.MinValue, effects.Settings.DataUntil));
        var (content, drafted) = (current with { Policy = proposal.Policy }, await StoredVersions.StoredAsync(db, point.Id, point.CurrentVersion, cancel) with { Policy = proposal.Policy });
        var learned = await StoredVersions.ServedAsync(db, point.Id, effects.Settings.BlueprintVersion, cancel);
        return (proposal with { Blocked = await BlockedAsync(db, point, cancel) ?? Changed(((TreePolicy)proposal.Policy).Root, learned, content, effects.Settings.BlueprintVersion) ?? Fault(content) }, point, drafted);
    }

    private static (LearnedRule Rule, FeatureTexts Texts) Learn(RuleUnits units, ImmutableArray<ArmUnits> arms, RuleQuestion question, bool differs, CancellationToken cancel)
    {
        var plan = new RulePlan
        {
            Depth = differs ? question.Depth : 0, // a rule would follow chance
            Budget = question.Budget ?? 1, Effects = question.Kind == RuleKind.Effect ? units.Effects : null, Predicted = units.Effects, Cancel = cancel,
            Costs = [.. arms.Select(a => question.Costs?.GetValueOrDefault(a.Key) ?? 0)],
        };
        return (LearnedRule.Of(units.Units, units.Chooses, units.Scores, plan), new(units.Units.Columns, units.Booleans));
    }

    private static PolicyProposal Propose(LearnedRule rule, FeatureTexts texts, ImmutableArray<ArmUnits> arms, EffectSettings settings, RuleQuestion question,
        ImmutableArray<PolicyOutcome> outcomes, Guid effectsId, LearnedSpan madeFrom)
    {
        var level = settings.Level;
        var policy = new TreePolicy(texts.Rule(rule.Tree, [.. arms.Select(a => a.Option!)])) { Explore = question.Explore, MadeFrom = madeFrom };
        var value = Gain.Of(rule.Value, level);
        var against = arms.Select((arm, a) => new PolicyAgainst(arm.Key, a == rule.BestArm, Gain.Of(rule.Constant[a], level), Gain.Of(rule.Over[a], level))).ToImmutableArray();
        var individual = double.IsNaN(rule.Ideal.Value) ? null : Gain.Of(rule.Ideal, level);
        return new(policy, policy.Root.ToString(), value, against, individual, rule.Judged, Note(value, against, rule.Judged, settings, outcomes, effectsId), null)
        {
            Outcomes = outcomes,
            Shares = arms.Select((arm, a) => (arm.Key, rule.Shares[a])).ToImmutableDictionary(s => s.Key, s => s.Item2),
        };
    }

    private static async Task<Refusal?> BlockedAsync(LooperDb db, DecisionPoint point, CancellationToken cancel) =>
        await db.Set<Draft>().AsNoTracking().AnyAsync(d => d.DecisionPointId == point.Id, cancel) ? DraftActions.AlreadyOpen(point.Key) : null;

    private static Refusal? Fault(BlueprintContent content) => BlueprintRules.Check(content) is [{ } fault, ..] ? fault : null;

    // a feature of the same name that is made otherwise now would be asked something else than what was valued
    private static Refusal? Changed(RuleNode rule, BlueprintContent learned, BlueprintContent now, int version)
    {
        Feature? Of(BlueprintContent content) => content.Features.FirstOrDefault(f => f.Name == rule.Feature);
        if (rule.Feature is null) return null;
        if (Of(learned) is { } then && Of(now) is { } known && !known.MeansTheSame(then))
        {
            return new("effects.features-changed",
                $"'{rule.Feature}' is made otherwise now than in version {version}, from whose units the rule was learned: it would ask something else. Compare the arms on the current version, and estimate effects there.");
        }
        return (rule.Then is null ? null : Changed(rule.Then, learned, now, version)) ?? (rule.Else is null ? null : Changed(rule.Else, learned, now, version));
    }

    private static string Note(Gain value, ImmutableArray<PolicyAgainst> against, long units, EffectSettings settings, ImmutableArray<PolicyOutcome> outcomes, Guid effectsId)
    {
        var weighed = string.Concat(outcomes.Skip(1).Where(o => o.Weight > 0).Select(o => FormattableString.Invariant($" {(o.LowerIsBetter ? "−" : "+")} {o.Weight:G6} × {o.Outcome}")));
        var isShare = settings.IsRate && weighed.Length == 0;
        var (scale, unit) = isShare ? (100, "%") : (1, settings.UnitOfMeasure is { } own ? " " + own : "");
        string Of(Gain gain, bool isDifference) => Words.Interval(scale * gain.Value, scale * gain.Low, scale * gain.High, isDifference && isShare ? " pp" : unit, isDifference);
        var sign = settings.LowerIsBetter ? "minus " : "";
        var note = $"From effects {effectsId.ToString("N")[..8]} of {settings.Experiment}: {sign}{settings.Input.Metric}{weighed} {Of(value, false)} a unit, judged on {units.ToString("N0", CultureInfo.InvariantCulture)} held-out units; gain "
            + string.Join(", ", against.OrderByDescending(a => a.IsBest).Select(a => $"{Of(a.Gain, true)} over {a.Arm} for all{(a.IsBest ? " (the best)" : "")}")) + "."
            + string.Concat(outcomes.Where(o => o.Guardrail is not null).Select(o => $" Guardrail {o.Outcome}: {PolicyOutcomes.Word(o.Guardrail)}."));
        return note.Length <= BlueprintRules.MaxNote ? note : note[..(BlueprintRules.MaxNote - 1)] + "…";
    }
}
