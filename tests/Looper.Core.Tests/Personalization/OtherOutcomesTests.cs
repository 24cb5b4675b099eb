using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Learning;
using Looper.Core.Numerics;
using Looper.Core.Personalization;
using Looper.Core.Simulation;
using Looper.Core.Tests.Experiments;

namespace Looper.Core.Tests.Personalization;

/// <summary>Effects on other outcomes than the one that counts, and rules that weigh them.</summary>
public class OtherOutcomesTests(ITestOutputHelper output)
{
    private static readonly ExperimentPlan s_plan = ShopEffects.Plan(2) with { Guardrails = [new("refunds", 0.1)] };

    // ten percent off sells to members; refunds rise by 1 for members alone, from 2 on
    private static EffectUnits Units(int count, Func<int, bool>? isKnown = null) => ShopEffects.Units(count, s_plan,
        outcome: (c, banner, i) => new Philox(21, "buys", i).Uniform() < 0.3 + (banner == "free-shipping" || !c.IsMember ? 0 : 0.3) ? 1 : 0,
        other: (c, banner, i) => isKnown?.Invoke(i) == false ? double.NaN : 2 + new Philox(22, "refunds", i).Normal() * 0.5 + (banner == "free-shipping" || !c.IsMember ? 0 : 1),
        others: ["refunds"]);

    private static (EffectContent Content, RuleUnits Units) Estimated(EffectUnits units, ExperimentPlan? plan = null)
    {
        var answered = EffectComputation.Of(ShopEffects.Settings(), plan ?? s_plan, ShopEffects.Content, units, false, ShopEffects.Quick, (_, _) => { }, default);
        Assert.Null(answered.Refusal);
        return (answered.Value.Content, answered.Value.Units!);
    }

    [Fact]
    public void Another_outcome_is_told_as_a_whole_and_in_each_segment_and_a_guardrail_is_judged_there()
    {
        var effects = Assert.Single(Estimated(Units(4_000)).Content.Effects);
        var refunds = Assert.Single(effects.Others);
        Assert.Equal(("refunds", MetricRole.Guardrail, false, true, 0.1), (refunds.Outcome, refunds.Role, refunds.IsRate, refunds.LowerIsBetter, refunds.Margin));
        Assert.Equal(4_000, refunds.Overall!.Units);
        Assert.Equal(2, refunds.Overall.Baseline, 0.05);
        Assert.True(refunds.Overall.Gain.High < 0 && refunds.Overall is { P: < 1e-6, Guardrail: GuardrailState.Harmed });
        Assert.Equal(effects.Segments.Length, refunds.Segments.Length);
        for (var s = 0; s < effects.Segments.Length; s++)
        {
            var (told, isMember) = (refunds.Segments[s], effects.Segments[s].Rule.Contains("isMember is yes", StringComparison.Ordinal));
            var truth = isMember ? -1 : 0;
            Assert.InRange(truth, told.Gain.Value - 2 * (told.Gain.High - told.Gain.Low) / 2, told.Gain.Value + 2 * (told.Gain.High - told.Gain.Low) / 2);
            Assert.Equal(isMember ? GuardrailState.Harmed : GuardrailState.Safe, told.Guardrail);
            Assert.Equal(isMember, told.P < 0.001);
            Assert.Equal(effects.Segments[s].Units, told.Units);
        }
        Assert.Contains(effects.Segments, s => s.Rule.Contains("isMember is yes", StringComparison.Ordinal));
    }

    [Fact] // 0.3 purchases more are worth it where a refund costs a tenth of one, and not where it costs a whole one
    public void A_rule_weighs_what_other_outcomes_are_worth()
    {
        var (content, units) = Estimated(Units(4_000));
        (LearnedRule Rule, ImmutableArray<PolicyOutcome> Outcomes) Learned(double weight)
        {
            var weights = ImmutableDictionary<string, double>.Empty.Add("refunds", weight);
            var rule = LearnedRule.Of(units.Units, units.Chooses, WeighedUnits.Of(units, weights).Scores, new() { Depth = 1 });
            return (rule, PolicyOutcomes.Of(units, content, rule, weights));
        }
        var (free, cheap) = (Learned(0), Learned(0.1));
        foreach (var one in new[] { free, cheap })
        {
            Assert.Equal((2, "isMember"), (one.Rule.Tree.Leaves, units.Units.Columns[one.Rule.Tree.Column].Name));
            var told = one.Outcomes.Single(o => o.Outcome == "refunds");
            Assert.Equal(GuardrailState.Harmed, told.Guardrail);
            Assert.True(told.Value is { Low: > 2, High: < 3 } && told.OverFirst.High < 0, $"{told}");
        }
        Assert.Equal(free.Outcomes[0].Value, cheap.Outcomes[0].Value); // the metric by itself
        Assert.True(cheap.Rule.Value.Value < free.Rule.Value.Value - 0.15); // about 2.4 refunds a unit, a tenth each
        var dear = Learned(1);
        Assert.True(dear.Rule.Tree is { IsLeaf: true, Arm: 0 }, $"{dear.Rule.Tree}");
        Assert.Equal([null, GuardrailState.Safe], dear.Outcomes.Select(o => o.Guardrail));
        Assert.Equal(new Gain(0, 0, 0), dear.Outcomes[1].OverFirst);
        // by predicted effects, distilled: the same
        var distilled = WeighedUnits.Of(units, ImmutableDictionary<string, double>.Empty.Add("refunds", 1));
        Assert.True(LearnedRule.Of(distilled.Units, distilled.Chooses, distilled.Scores, new() { Depth = 1, Effects = distilled.Effects }).Tree is { IsLeaf: true, Arm: 0 });
    }

    [Fact] // members leave less often with ten percent off and send more back; the others neither
    public void Each_of_several_outcomes_has_its_own_direction_and_segments()
    {
        var content = ShopEffects.Content with { Outcomes = [.. ShopEffects.Content.Outcomes, new("churn", OutcomeKind.Boolean) { Better = Direction.Lower }] };
        var (shop, units) = (new BannerShop(11), ShopEffects.Empty(s_plan, others: ["refunds", "churn"], content: content));
        for (var i = 0; i < 4_000; i++)
        {
            var (customer, random) = (shop.Customer(i), new Philox(31, "several", i));
            var arm = random.Below(2);
            var acts = arm == 1 && customer.IsMember;
            units.Add(Exposed.Unit(arm, [random.Uniform() < (acts ? 0.6 : 0.3) ? 1 : 0, 2 + 0.5 * random.Normal() + (acts ? 1 : 0), random.Uniform() < (acts ? 0.2 : 0.5) ? 1 : 0], ShopEffects.Served(customer)));
        }
        var (told, kept) = Estimated(units);
        var effects = told.Effects[0];
        Assert.Equal(["refunds", "churn"], effects.Others.Select(o => o.Outcome));
        Assert.Equal(0.5, effects.Others[1].Overall!.Baseline, 0.05);
        for (var s = 0; s < effects.Segments.Length; s++)
        {
            var isMember = effects.Segments[s].Rule.Contains("isMember is yes", StringComparison.Ordinal);
            foreach (var (o, truth) in new[] { (0, isMember ? -1.0 : 0), (1, isMember ? 0.3 : 0) })
            {
                var gain = effects.Others[o].Segments[s].Gain;
                Assert.InRange(truth, gain.Value - (gain.High - gain.Low), gain.Value + (gain.High - gain.Low)); // four standard errors
            }
        }
        var rule = LearnedRule.Of(kept.Units, kept.Chooses, kept.Scores, new() { Depth = 1 });
        var churn = PolicyOutcomes.Of(kept, told, rule, ImmutableDictionary<string, double>.Empty).Single(o => o.Outcome == "churn");
        Assert.True(churn.Value is { Low: > 0.2, High: < 0.5 } && churn.OverFirst.Low > 0, $"{churn}"); // a share, and less of it a gain
    }

    [Fact]
    public void Units_of_which_an_outcome_is_unknown_count_where_it_is_not_asked()
    {
        var (content, units) = Estimated(Units(4_000, i => i % 4 != 0));
        Assert.Equal(3_000, content.Effects[0].Others[0].Overall!.Units);
        Assert.Equal(4_000, units.Units.Rows);
        Assert.Equal(4_000, WeighedUnits.Of(units, ImmutableDictionary<string, double>.Empty).Units.Rows);
        var weighed = WeighedUnits.Of(units, ImmutableDictionary<string, double>.Empty.Add("refunds", 0.5));
        Assert.Equal(3_000, weighed.Units.Rows);
        Assert.DoesNotContain(weighed.Scores.SelectMany(s => s), double.IsNaN);
        Assert.DoesNotContain(weighed.Effects.SelectMany(s => s), double.IsNaN);
    }

    [Fact]
    public void What_hardly_any_unit_tells_of_is_a_shortage_and_no_number()
    {
        var (content, units) = Estimated(ShopEffects.Units(4_000, s_plan, other: (_, _, i) => i % 200 == 0 ? 3 : 0, others: ["refunds"]));
        var refunds = Assert.Single(content.Effects[0].Others);
        Assert.Equal((25, "units with another refunds than 0 in free-shipping"), (refunds.Shortage!.Need, refunds.Shortage.Of));
        Assert.True(refunds.Overall is null && refunds.Segments.IsEmpty && units.Others.IsEmpty);
        Assert.Contains("Name one of", new RuleQuestion { Weights = ImmutableDictionary<string, double>.Empty.Add("absent", 1) }.Fault(["a"], ["refunds"])!.Reason, StringComparison.Ordinal);
        Assert.Equal("weights.refunds", new RuleQuestion { Weights = ImmutableDictionary<string, double>.Empty.Add("refunds", -1) }.Fault(["a"], ["refunds"])!.Field);
        Assert.Contains("no other outcome", new RuleQuestion { Weights = ImmutableDictionary<string, double>.Empty.Add("refunds", 1) }.Fault(["a"], [])!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Kept_scores_survive_being_stored_and_units_kept_before_there_were_any_are_read()
    {
        var units = Estimated(Units(2_000)).Units;
        var read = RuleUnits.Read(units.Write());
        Assert.Equal(units.Others[0].Scores[1], read.Others[0].Scores[1]);
        Assert.Equal(("refunds", units.Others[0].Effects[1][9]), (read.Others[0].Outcome, read.Others[0].Effects[1][9]));
        using var before = new MemoryStream();
        using (var zip = new System.IO.Compression.GZipStream(before, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        using (var whole = new System.IO.Compression.GZipStream(new MemoryStream((units with { Others = [] }).Write()), System.IO.Compression.CompressionMode.Decompress))
        {
            using var all = new MemoryStream();
            whole.CopyTo(all);
            zip.Write(all.ToArray().AsSpan()[..^4]); // the count of others came last
        }
        Assert.Empty(RuleUnits.Read(before.ToArray()).Others);
        Assert.Equal(units.Scores[1], RuleUnits.Read(before.ToArray()).Scores[1]);
    }

    [Fact]
    public void A_goal_of_several_outcomes_is_a_metric_and_each_counts_in_its_better_direction()
    {
        var content = ShopEffects.Content with { Goal = new() { Terms = [new("purchase", 10), new("refunds", 2)] } };
        var specs = MetricSpecs.Of(s_plan, "purchase", content);
        Assert.Equal(["purchase", "goal", "refunds"], EffectMetric.Of(specs, "purchase", content).Select(m => m.Key));
        var goal = EffectMetric.Find(specs, "purchase", content, "goal").Value!;
        Assert.Equal(("10 × purchase − 2 × refunds", false, false), (goal.Definition, goal.IsRate, goal.LowerIsBetter));
        Assert.Equal([4, 10, double.NaN], goal.Sum([[1, 1, 1], [3, 0, double.NaN]]).Values);
        Assert.Equal("effects.invalid", EffectMetric.Find(specs, "purchase", content, "absent").Refusal!.Code);
        Assert.Equal(["purchase", "refunds"], EffectMetric.Of(MetricSpecs.Of(s_plan, "purchase", ShopEffects.Content), "purchase", ShopEffects.Content).Select(m => m.Key));
        // an outcome of that name is itself
        var named = content with { Outcomes = [.. content.Outcomes, new("goal", OutcomeKind.Number)] };
        Assert.Equal("goal per unit", EffectMetric.Find(MetricSpecs.Of(s_plan, "purchase", named), "purchase", named, "goal").Value!.Definition[..13]);
    }

    [Fact]
    public void Guardrails_come_first_and_what_there_is_no_room_for_is_named()
    {
        var content = ShopEffects.Content with { Outcomes = [.. ShopEffects.Content.Outcomes, .. Enumerable.Range(0, 9).Select(k => new Outcome($"extra{k}", OutcomeKind.Number))] };
        var all = EffectMetric.Of(MetricSpecs.Of(s_plan with { Guardrails = [new("extra8", 0.1)] }, "purchase", content), "purchase", content);
        var (told, untold) = EffectEstimation.OtherMetrics(all[0], all);
        Assert.Equal(["extra8", "refunds", "extra0", "extra1", "extra2", "extra3", "extra4", "extra5"], told.Select(m => m.Key));
        Assert.Equal(["extra6", "extra7"], untold);
    }

    [Theory] // safe wins over harmed: what got worse by less than the margin may have
    [InlineData(-0.01, 0.001, 0.0, GuardrailState.Safe), InlineData(-0.2, 0.01, 0.0, GuardrailState.Harmed), InlineData(-0.2, 0.1, 0.2, GuardrailState.Unknown)]
    [InlineData(0.2, 0.2, 0.01, GuardrailState.Unknown), InlineData(double.NaN, double.NaN, double.NaN, GuardrailState.Unknown)]
    public void A_guardrail_is_safe_harmed_or_unknown(double gain, double error, double p, GuardrailState state)
    {
        Assert.Equal(state, OtherUnits.Guardrail(0.1, new(gain, error, 100), 1, p, 0.95));
        Assert.Null(OtherUnits.Guardrail(double.NaN, new(gain, error, 100), 1, p, 0.95));
    }

    [Fact] // who is likely to get the arm is likely to say yes anyway
    public void Intervals_of_another_outcome_hold_its_effect()
    {
        const int draws = 400, count = 1_000;
        var (covered, sum) = (new int[2], 0.0);
        var done = Enumerable.Range(0, draws).AsParallel().Select(draw =>
        {
            var x = new double[count];
            var (labels, arms, chances, chooses) = (new double[count], new int[count], new[] { new double[count], new double[count] }, new bool[count]);
            var random = new Philox(1_000 + draw, "coverage", 0);
            for (var i = 0; i < count; i++)
            {
                x[i] = random.Normal();
                chances[1][i] = x[i] > 0 ? 0.7 : 0.3;
                chances[0][i] = 1 - chances[1][i];
                arms[i] = random.Uniform() < chances[1][i] ? 1 : 0;
                labels[i] = random.Uniform() < 0.3 + 0.2 * Math.Tanh(x[i]) + (arms[i] == 1 ? 0.1 : 0) ? 1 : 0;
                chooses[i] = i % 5 < 3;
            }
            var units = new DataSet([new("x", ColumnKind.Number, [])], [x], labels);
            var scores = ArmScores.Of(units, arms, chances, chooses, isBinary: true, 7, 1, default).Scores;
            return new[] { _ => true, (Func<int, bool>)(i => !chooses[i] && x[i] > 0.3) }
                .Select(inside => AverageEffect.Of([.. Enumerable.Range(0, count).Where(inside).Select(i => scores[1][i] - scores[0][i])])).ToArray();
        }).ToArray();
        foreach (var one in done)
        {
            for (var g = 0; g < 2; g++) if (one[g].At(0.95).Contains(0.1)) covered[g]++;
            sum += one[0].Value;
        }
        output.WriteLine($"covered {covered[0] / (double)draws:P1} and {covered[1] / (double)draws:P1}; mean {sum / draws:F4}");
        Assert.All(covered, c => Assert.InRange(c / (double)draws, 0.95 - 3.3 * Math.Sqrt(0.95 * 0.05 / draws), 0.95 + 3.3 * Math.Sqrt(0.95 * 0.05 / draws)));
        Assert.Equal(0.1, sum / draws, 0.01);
    }
}
