using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Models;

namespace Looper.Core.Tests.Decisions;

public class BlueprintDiffTests
{
    [Fact]
    public void Equal_contents_have_no_difference()
    {
        var diff = BlueprintDiff.Between(Sample.Banner, Sample.Banner);
        Assert.Empty(diff.Changes);
        Assert.Equal("no change", diff.InWords);
        Assert.All(diff.Yaml, line => Assert.Equal(' ', line.Mark));
        Assert.True(diff.Compatibility.Usable);
    }

    [Fact]
    public void Changes_are_said_by_section_and_field_with_their_consequence()
    {
        var diff = BlueprintDiff.Between(Sample.Banner, Sample.Banner with
        {
            Features = [.. Sample.Banner.Features, new("visits", FeatureKind.Number), new("plan", FeatureKind.Category)],
            Goal = Sample.Banner.Goal with { Terms = [new("purchase"), new("revenue", 0.05)] },
        });
        Assert.Equal("+2 features (visits, plan); goal 1 × purchase + 0.02 × revenue → 1 × purchase + 0.05 × revenue", diff.InWords);
        Assert.All(diff.Changes.Take(2), c => Assert.Equal("What you send", c.Section));
        Assert.Equal("What you measure", diff.Changes[2].Section);
        Assert.Contains("models of unchanged outcomes can be reused", diff.Changes[2].Consequence);
        Assert.Contains(new DiffLine('+', "- name: visits"), diff.Yaml);
        Assert.Contains(new DiffLine('-', "    weight: 0.02"), diff.Yaml);
    }

    [Fact]
    public void Another_window_starts_training_of_that_outcome_anew_and_leaves_the_others()
    {
        var later = Sample.Banner with { Outcomes = [Sample.Banner.Outcomes[0] with { Window = TimeSpan.FromDays(14) }, .. Sample.Banner.Outcomes[1..]] };
        var diff = BlueprintDiff.Between(Sample.Banner, later);
        Assert.Equal("window of purchase 7 days → 14 days", diff.InWords);
        Assert.Equal("Training for purchase starts anew: its values mean something else.", Assert.Single(diff.Changes).Consequence);
        Assert.Equal(["revenue", "refund"], diff.Compatibility.Outcomes);
        Assert.Equal("Decisions logged under it may train models of revenue and refund, but not of purchase (other window).", diff.Compatibility.InWords);
    }

    [Fact]
    public void Data_of_options_that_are_still_there_are_used()
    {
        var wider = Sample.Banner with { Options = [new("gift"), .. Sample.Banner.Options] };
        Assert.True(Compatibility.Of(Sample.Banner, wider).Usable);
        Assert.Contains("Those for gift are left out", Compatibility.Of(wider, Sample.Banner).InWords);
        Assert.Contains("no option is left", Compatibility.Of(Sample.Banner, Sample.Banner with { Options = [new("gift")], Default = "gift" }).InWords);
        Assert.False(Compatibility.Of(Sample.Banner, Sample.Tip).Usable);
        Assert.Equal("+1 option (gift)", BlueprintDiff.Between(Sample.Banner, wider).InWords);
    }

    [Fact] // one rule: what the page says of data is what training does with them
    public void What_is_called_usable_is_what_training_reads()
    {
        var banner = Sample.Banner;
        BlueprintContent[] all =
        [
            banner, Sample.Tip, banner with { UnitName = "basket" }, banner with { Features = [banner.Features[0] with { Kind = FeatureKind.Number }, .. banner.Features[1..]] },
            banner with { Options = [.. banner.Options.Reverse()] }, banner with { Options = [new("gift")], Default = "gift" }, banner with { Options = [new("gift"), banner.Options[0]] },
            banner with { Outcomes = [.. banner.Outcomes.Select(o => o with { Window = o.Window * 2 })] }, banner with { Features = [] },
        ];
        foreach (var (older, newer) in all.SelectMany(_ => all, (a, b) => (a, b)))
        {
            var table = new VersionTable(newer, [new(1, older)]);
            var reads = table.Find(1) is not null && newer.Outcomes.Any(o => table.SharesOutcome(1, o))
                && (older.Options.IsEmpty || Enumerable.Range(0, older.Options.Length).Any(i => table.CurrentOption(1, i) >= 0));
            var said = Compatibility.Of(older, newer);
            Assert.True(reads == said.Usable, $"{BlueprintDiff.Between(older, newer).InWords}: {said.InWords}");
        }
        Assert.Contains("the kind of country changed", Compatibility.Of(banner, all[3]).InWords);
    }

    /// <summary>What is said to follow, beside what training does.</summary>
    public static TheoryData<string, bool, string> Consequences => new()
    {
        { "added", true, "Earlier decisions go on being learned from; the new option is learned as it is tried." },
        { "removed", true, "Its decisions are left out of training." },
        { "moved", true, "Earlier decisions go on being learned from: an option is known by its key." },
        { "all others", false, "Training starts anew: earlier decisions answered another question." },
        { "other type", false, "Values of the other type count as missing from now on. Earlier decisions cannot be used; training starts anew." },
        { "added, other type", false, "The new option is learned as it is tried." },
        { "moved, other type", false, "An option is known by its key, whatever the order." },
    };

    [Theory, MemberData(nameof(Consequences))]
    public void What_follows_for_earlier_decisions_is_what_training_does_with_them(string change, bool usable, string consequence)
    {
        var banner = Sample.Banner;
        var typed = banner with { Features = [banner.Features[0] with { Kind = FeatureKind.Number }, .. banner.Features[1..]] };
        Assert.NotEqual(FeatureKind.Number, banner.Features[0].Kind);
        var later = change switch
        {
            "added" => banner with { Options = [.. banner.Options, new("gift")] },
            "removed" => banner with { Options = [.. banner.Options.Where(o => o.Key != "ten-percent")] },
            "moved" => banner with { Options = [.. banner.Options.Reverse()] },
            "all others" => banner with { Options = [new("gift"), new("nothing")], Default = "nothing" },
            "other type" => typed,
            "added, other type" => typed with { Options = [.. banner.Options, new("gift")] },
            _ => typed with { Options = [.. banner.Options.Reverse()] },
        };
        var diff = BlueprintDiff.Between(banner, later);
        Assert.Equal(usable, diff.Compatibility.Usable);
        Assert.Contains(diff.Changes, c => c.Consequence == consequence);
        if (usable) Assert.DoesNotContain(diff.Changes, c => c.Consequence.Contains("anew", StringComparison.OrdinalIgnoreCase));
        else Assert.DoesNotContain(diff.Changes, c => c.Consequence.Contains("go on being learned from", StringComparison.Ordinal));
    }

    [Fact]
    public void A_direction_changes_judgement_not_data()
    {
        var lower = Sample.Banner with { Outcomes = [Sample.Banner.Outcomes[0] with { Better = Direction.Lower }, .. Sample.Banner.Outcomes[1..]] };
        Assert.Contains("purchase", Compatibility.Of(Sample.Banner, lower).Outcomes);
    }

    private static readonly FixedSettings[] Fixed =
    [
        new() { Rounds = 10 }, new() { Leaves = 7 }, new() { LearningRate = 0.1 }, new() { MinLeafRows = 5 }, new() { L1 = 1 }, new() { L2 = 2 }, new() { FeatureFraction = 0.3 }, new() { RowFraction = 0.5 },
    ];

    private static readonly GatePlan[] Gates =
    [
        new() { FreshFor = TimeSpan.FromDays(1) }, new() { NotWorse = 0 }, new() { CalibrationError = 0.1 }, new() { ScoringMicroseconds = 50 }, new() { ShadowDecisions = 0 },
    ];

    /// <summary>The whole space: any one field changed is seen, and said.</summary>
    [Fact]
    public void Every_field_that_changes_the_hash_changes_the_words()
    {
        BlueprintContent b = Sample.Banner, v = Sample.Delivery;
        (BlueprintContent Old, BlueprintContent New)[] pairs =
        [
            (b, b with { UnitName = "device" }), (b, b with { Default = "ten-percent" }), (b, b with { Durable = true }),
            (b, b with { Options = [b.Options[1], b.Options[0], b.Options[2]] }), (b, b with { Options = [new("free-shipping") { Name = "Free" }, .. b.Options[1..]] }),
            (b, b with { Features = b.Features[1..] }), (b, b with { Features = [new("country", FeatureKind.Number), .. b.Features[1..]] }),
            (b, b with { Features = [b.Features[0] with { IsPersonal = true }, .. b.Features[1..]] }), (b, b with { Features = [b.Features[0] with { CostPerThousand = 2 }, .. b.Features[1..]] }),
            (b, b with { Features = [b.Features[0] with { Description = "Where" }, .. b.Features[1..]] }),
            (b, b with { Outcomes = [b.Outcomes[0] with { Absent = null }, .. b.Outcomes[1..]] }), (b, b with { Outcomes = [b.Outcomes[0] with { Description = "Paid" }, .. b.Outcomes[1..]] }),
            (b, b with { Outcomes = [b.Outcomes[0] with { UnitOfMeasure = "x" }, .. b.Outcomes[1..]] }), (b, b with { Outcomes = [b.Outcomes[0] with { Aggregation = Aggregation.First }, .. b.Outcomes[1..]] }),
            (b, b with { Goal = b.Goal with { Guardrails = [] } }), (b, b with { Policy = new RandomPolicy() }), (b, b with { Rollout = b.Rollout with { Share = 1 } }),
            (b, b with { Rollout = b.Rollout with { Holdout = 0 } }), (b, b with { Rollout = b.Rollout with { Baseline = "ten-percent" } }),
            (b, b with { Training = b.Training with { FirstModelAt = 0 } }), (b, b with { Training = b.Training with { RetrainEvery = null } }),
            (b, b with { Training = b.Training with { PromoteAutomatically = false } }),
            (b, b with { Training = b.Training with { IsOn = false } }), (b, b with { Training = b.Training with { RetrainAfter = 500 } }), (b, b with { Training = b.Training with { RetrainOnDrift = false } }),
            (b, b with { Training = b.Training with { Family = ModelFamily.Linear } }), (b, b with { Training = b.Training with { SearchSeconds = 0 } }),
            .. Fixed.Select(settings => (b, b with { Training = b.Training with { Settings = settings } })),
            (b, b with { Training = b.Training with { Objectives = [new("revenue", OutcomeTarget.Quantile) { Quantile = 0.9 }] } }),
            (b, b with { Training = b.Training with { Selection = new() { IsOn = true } } }), (b, b with { Training = b.Training with { Selection = new() { Tolerance = 0.01 } } }),
            (b, b with { Training = b.Training with { Selection = new() { Pinned = ["country"] } } }),
            .. Gates.Select(gate => (b, b with { Training = b.Training with { Gate = gate } })),
             (Sample.Feed, Sample.Feed with { Positions = 5 }), (Sample.Feed, Sample.Feed with { CandidateFeatures = [] }),
            (v, v with { Range = new(0, null) }), (v, v with { Shape = DecisionShape.Binary, Default = "true" }),
        ];
        Assert.All(pairs, pair =>
        {
            Assert.NotEqual(BlueprintJson.Write(pair.Old), BlueprintJson.Write(pair.New));
            var diff = BlueprintDiff.Between(pair.Old, pair.New);
            Assert.NotEmpty(diff.Changes);
            Assert.NotEqual("no change", diff.InWords);
            Assert.All(diff.Changes, c => Assert.EndsWith(".", c.Consequence));
        });
    }

    [Fact]
    public void The_export_carries_key_version_and_hash_and_quotes_what_yaml_would_misread()
    {
        var hash = BlueprintJson.Hash(BlueprintJson.Write(Sample.Tip));
        var yaml = BlueprintYaml.Export("tip", 2, hash, Sample.Tip);
        Assert.Contains($"decisionPoint: tip\nversion: 2\nhash: {hash}\nblueprint:\n  shape: binary\n", yaml);
        Assert.Contains("  default: \"false\"\n", yaml);
        Assert.Contains("window: \"1d\"", yaml);
        var unknown = BlueprintYaml.Write(Sample.Delivery);
        Assert.Contains("absent: null", unknown);
    }
}
