using System.Collections.Immutable;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;

namespace Looper.Core.Tests.Decisions;

public class PoisonTests
{
    private static readonly double[] s_badNumbers = [double.NaN, double.PositiveInfinity, double.NegativeInfinity, -1];

    [Fact]
    public void R8_generated_poison_is_refused_every_time_with_the_field()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("LOOPER_TEST_SEED") ?? "8", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var n = 0;
        for (var round = 0; round < 40; round++)
            foreach (var (field, poison) in Poisons(random))
            {
                var good = new[] { Sample.Banner, Sample.Tip, Sample.Delivery }[random.Next(3)];
                var content = poison(good);
                var faults = BlueprintRules.Check(content);
                Assert.True(faults.Any(f => f.Field!.StartsWith(field, StringComparison.Ordinal)),
                    $"seed {seed}: {field} of {good.Shape} passed, or was blamed on {string.Join(", ", faults.Select(f => f.Field))}");
                n++;
            }
        TestContext.Current.SendDiagnosticMessage($"R8, seed {seed}, N {n}, failures 0, bound {3.0 / n:P2}");
        Assert.True(n >= 200);
    }

    [Fact]
    public void R8_poisoned_text_never_becomes_content()
    {
        string[] texts =
        [
            "{\"shape\":\"choice\",\"default\":" + string.Concat(Enumerable.Repeat("[", 1_000)) + string.Concat(Enumerable.Repeat("]", 1_000)) + "}",
            """{"shape":"choice","default":"a","formatVersion":99}""",
            """{"shape":"choice","default":"a","features":[{"name":"x","kind":"number","from":"y"},{"name":"y","kind":"number","from":"x"}]}""",
            """{"shape":"choice","shape":"value","default":"a"}""",
            """{"shape":"choice","default":"a","rollout":{"share":Infinity}}""",
            """{"shape":"choice","default":"a","training":{"firstModelAt":1e99}}""",
            "a: &a [x]\nb: [*a, *a]",
            "", "[]", "\0", "{",
        ];
        Assert.All(texts, text => Assert.Equal("blueprint.malformed", BlueprintJson.Read(text).Refusal?.Code));
        Assert.NotEmpty(BlueprintRules.Check(BlueprintJson.Read("""{"shape":"choice","default":"a","rollout":{"share":1e999},"options":[null]}""").Value!));
    }

    private static IEnumerable<(string Field, Func<BlueprintContent, BlueprintContent> Poison)> Poisons(Random random)
    {
        var bad = s_badNumbers[random.Next(s_badNumbers.Length)];
        var hidden = "ab\u200B\u202E\u0007"[..(2 + random.Next(1, 3))] + "c";
        yield return ("rollout.share", c => c with { Rollout = c.Rollout with { Share = bad } });
        yield return ("rollout.holdout", c => c with { Rollout = c.Rollout with { Holdout = bad } });
        yield return ("rollout.baseline", c => c with { Rollout = c.Rollout with { Baseline = hidden } });
        yield return ("default", c => c with { Default = hidden });
        yield return ("unitName", c => c with { UnitName = hidden });
        yield return ("outcomes", c => c with { Outcomes = [] });
        yield return ("outcomes[0].name", c => c with { Outcomes = [c.Outcomes[0] with { Name = hidden }, .. c.Outcomes[1..]] });
        yield return ("outcomes[0].window", c => c with { Outcomes = [c.Outcomes[0] with { Window = TimeSpan.FromDays(random.Next(2) == 0 ? -1 : 181) }, .. c.Outcomes[1..]] });
        yield return ("outcomes[0].absent", c => c with { Outcomes = [c.Outcomes[0] with { Absent = bad }, .. c.Outcomes[1..]] });
        yield return ("outcomes[0].kind", c => c with { Outcomes = [c.Outcomes[0] with { Kind = (OutcomeKind)77 }, .. c.Outcomes[1..]] });
        yield return ($"outcomes[", c => c with { Outcomes = [.. c.Outcomes, c.Outcomes[0]] });
        yield return ("goal.terms", c => c with { Goal = c.Goal with { Terms = [] } });
        yield return ("goal.terms[0].weight", c => c with { Goal = c.Goal with { Terms = [c.Goal.Terms[0] with { Weight = bad }] } });
        yield return ("goal.terms[0].outcome", c => c with { Goal = c.Goal with { Terms = [new("nothing-of-the-kind")] } });
        yield return ("goal.guardrails[0].marginRelative", c => c with { Goal = c.Goal with { Guardrails = [new(c.Outcomes[0].Name, bad)] } });
        yield return ("goal.guardrails[1]", c => c with { Goal = c.Goal with { Guardrails = [new(c.Outcomes[0].Name, 0.1), new(c.Outcomes[0].Name, 0.1)] } });
        yield return ("policy", c => c with { Policy = c.Shape == DecisionShape.Value ? new RandomPolicy() : new EpsilonGreedyPolicy(bad) });
        yield return ("policy", c => c with { Policy = new RandomPolicy { Weights = [.. Enumerable.Repeat(bad, Math.Max(2, c.Options.Length))] } });
        yield return ("policy", c => c with { Policy = new RandomPolicy { Weights = [.. Enumerable.Repeat(1.0, 7)] } });
        yield return ("policy.option", c => c with { Policy = new FixedPolicy(hidden) });
        yield return ("options", c => c with { Options = [.. Enumerable.Range(0, 51).Select(i => new Option($"o{i}"))] });
        yield return ("options[1]", c => c with { Shape = DecisionShape.Choice, Options = [new("a"), new("a"), new("b")] });
        yield return ("options[1]", c => c with { Shape = DecisionShape.Choice, Options = [new("a"), new(hidden)] });
        yield return ("options[0]", c => c with { Options = [null!, new("b")] });
        yield return ("features[", c => c with { Features = [.. c.Features, new("x", FeatureKind.Number), new("x", FeatureKind.Number)] });
        yield return ("features[", c => c with { Features = [.. c.Features, new("g", FeatureKind.Number), new("g.x", FeatureKind.Number)] });
        yield return ("features[", c => c with { Features = [.. c.Features, new("@option", FeatureKind.Category)] });
        yield return ("features[", c => c with { Features = [.. c.Features, new("a.b.c.d", FeatureKind.Category)] });
        yield return ("features[", c => c with { Features = [.. c.Features, new(hidden, FeatureKind.Category)] });
        yield return ("features[", c => c with { Features = [.. c.Features, new("x", (FeatureKind)9)] });
        yield return ("features[", c => c with { Features = [.. c.Features, new("x", FeatureKind.Number) { CostPerThousand = bad }] });
        yield return ("features", c => c with { Features = [.. Enumerable.Range(0, 201).Select(i => new Feature($"f{i}", FeatureKind.Number))] });
        yield return ("features", c => c with { Features = default });
        yield return ("range", c => c with { Shape = DecisionShape.Value, Options = [], Range = new(5, random.Next(6)) });
        yield return ("training.firstModelAt", c => c with { Training = c.Training with { FirstModelAt = -random.Next(1, 100) } });
        yield return ("training.retrainAfter", c => c with { Training = c.Training with { RetrainAfter = random.Next(20) } });
        yield return ("training.searchSeconds", c => c with { Training = c.Training with { SearchSeconds = -1 } });
        yield return ("training.family", c => c with { Training = c.Training with { Family = (ModelFamily)99 } });
        yield return ("training.settings.rounds", c => c with { Training = c.Training with { Settings = new() { Rounds = 0 } } });
        yield return ("training.settings.leaves", c => c with { Training = c.Training with { Settings = new() { Leaves = 1 } } });
        yield return ("training.settings.learningRate", c => c with { Training = c.Training with { Settings = new() { LearningRate = double.NaN } } });
        yield return ("training.settings.l2", c => c with { Training = c.Training with { Settings = new() { L2 = -1 } } });
        yield return ("training.settings.featureFraction", c => c with { Training = c.Training with { Settings = new() { FeatureFraction = 1.5 } } });
        yield return ("training.objectives[0].outcome", c => c with { Training = c.Training with { Objectives = [new("nothing of the kind", OutcomeTarget.Mean)] } });
        yield return ("training.objectives[0].quantile", c => c with { Training = c.Training with { Objectives = [new(c.Outcomes[0].Name, OutcomeTarget.Mean) { Quantile = 0.5 }] } });
        yield return ("training.selection.tolerance", c => c with { Training = c.Training with { Selection = new() { Tolerance = 0.2 } } });
        yield return ("training.selection.pinned[0]", c => c with { Training = c.Training with { Selection = new() { Pinned = ["nothing of the kind"] } } });
        yield return ("training.gate.freshFor", c => c with { Training = c.Training with { Gate = new() { FreshFor = TimeSpan.Zero } } });
        yield return ("training.gate.notWorse", c => c with { Training = c.Training with { Gate = new() { NotWorse = double.PositiveInfinity } } });
        yield return ("training.gate.shadowDecisions", c => c with { Training = c.Training with { Gate = new() { ShadowDecisions = -1 } } });
        yield return ("training.gate", c => c with { Training = c.Training with { Gate = null! } });
        yield return ("training.retrainEvery", c => c with { Training = c.Training with { RetrainEvery = TimeSpan.FromTicks(random.Next(100)) } });
        yield return ("shape", c => c with { Shape = (DecisionShape)42 });
    }
}
