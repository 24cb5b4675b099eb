using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Serving;
using Looper.Core.Serving.Histories;
using Looper.Testing;

namespace Looper.Core.Tests.Serving;

public sealed class AllocationTests
{
    [Fact]
    public void B1_deciding_by_rules_allocates_nothing() => AllocatesNothing(Serve.Point(Serve.Banner()));

    [Fact]
    public void B1_deciding_inside_an_experiment_allocates_nothing() => AllocatesNothing(Serve.Point(Serve.Banner(), experiments: Serve.Experiment(
        new("a", 0.5, "none", null, null), new("b", 0.5, null, new EpsilonGreedyPolicy(0.1), null))));

    [Fact]
    public void B1_deciding_with_audience_layer_and_testers_allocates_nothing() => AllocatesNothing(Serve.Point(Serve.Banner(), experiments: Serve.Experiment(
        new("a", 0.5, "none", null, null), new("b", 0.5, null, new EpsilonGreedyPolicy(0.1), null)) with
    {
        Audience = [new("country", AudienceRule.Is, "NL"), new("cartValue", AudienceRule.AtLeast, "50"), new("isMember", AudienceRule.Is, "yes")],
        Testers = [new("10001", 1), new("10002", 0)],
        Layer = "checkout",
        LayerFrom = 0.2,
        Traffic = 0.5,
    }));

    [Fact]
    public void B1_deciding_by_clusters_slots_and_changed_shares_allocates_nothing()
    {
        var halves = Serve.Experiment(new("a", 0.5, "none", null, null), new("b", 0.5, "ten-percent", null, null));
        AllocatesNothing(Serve.Point(Serve.Banner(), experiments: halves with { Cluster = "country" }));
        AllocatesNothing(Serve.Point(Serve.Banner(), experiments: halves with { Slots = new(60, "cartValue") }));
        AllocatesNothing(Serve.Point(Serve.Banner(), experiments: halves with { Shares = [new(DateTimeOffset.UnixEpoch, [0.2, 0.8])] }));
    }

    [Fact]
    public void B2_deciding_with_a_model_allocates_nothing() => AllocatesNothing(Serve.Point(Serve.Banner(new EpsilonGreedyPolicy(0.1))) with
    {
        Models = [Serve.Model("purchase", ["none", "ten-percent", "free-shipping"], [0.1, 0.3, 0.2])],
    });

    [Theory, InlineData("linucb"), InlineData("thompson"), InlineData("thompson-beta"), InlineData("squarecb"), InlineData("bootstrapped-trees")]
    public void B1_deciding_by_a_bandit_allocates_nothing(string algorithm)
    {
        var policy = new BanditPolicy { Algorithm = algorithm, Budget = 0.2 };
        AllocatesNothing(Serve.Point(Serve.Banner(policy)));
        AllocatesNothing(Serve.Point(Serve.Banner(policy)) with { Bandit = LearnedBanners.Bytes(policy) });
        AllocatesNothing(Serve.Point(LearnedBanners.Guarded(policy)) with { Bandit = LearnedBanners.GuardedBytes(policy) });
    }

    [Fact]
    public void B1_deriving_features_allocates_nothing() => AllocatesNothing(Serve.Point(Serve.Banner() with
    {
        Features =
        [
            .. Serve.Banner().Features, new("sentAt", FeatureKind.Time),
            new("band", FeatureKind.Category) { Derived = new BucketDerivation("cartValue", [10, 50]) },
            new("both", FeatureKind.Category) { Derived = new CrossDerivation("country", "band") },
            new("hour", FeatureKind.Number) { Derived = new TimePartDerivation("sentAt", TimePart.Hour) { Zone = "Europe/Amsterdam" } },
            new("perMember", FeatureKind.Number) { Derived = new RatioDerivation("cartValue", "isMember") },
            new("logCart", FeatureKind.Number) { Derived = new LogDerivation("cartValue") },
        ],
    }));

    [Theory, InlineData("[\"news\",\"sport\",\"news\"]"), InlineData("[\"n\\u0065ws\", 5, true]")]
    public void B2_deciding_with_tags_and_a_vector_allocates_nothing(string tags)
    {
        var point = Serve.Point(Serve.Banner(new TreePolicy(new()
        {
            Feature = "interests", Contains = "sport", Then = new() { Option = "none" }, Else = new() { Feature = "interests", AtMost = 1, Then = new() { Option = "none" }, Else = new() { Option = "ten-percent" } },
        })) with { Features = [.. Serve.Banner().Features, new("interests", FeatureKind.Tags), new("embedding", FeatureKind.Vector) { Dimension = 4 }] });
        var context = $$"""{"country":"NL","cartValue":83.5,"interests":{{tags}},"embedding":[0.25,-1e-5,3,4.125]}""";
        AllocatesNothing(point, context: context);
        var model = LearnedLists.Model();
        var content = BlueprintJson.Stored(point.Blueprints[0].Content) with { Policy = new EpsilonGreedyPolicy(0.1) };
        AllocatesNothing(point with { Blueprints = [new(1, BlueprintJson.Write(content))], Models = [model] }, context: context);
    }

    [Fact]
    public void B1_looking_back_on_what_was_reported_for_the_unit_allocates_nothing()
    {
        var point = Serve.Point(Serve.Banner() with
        {
            Features =
            [
                .. Serve.Banner().Features,
                .. Enum.GetValues<HistoryAggregate>().Select(a => new Feature($"{a}", FeatureKind.Number) { Derived = new HistoryDerivation("purchase", a, TimeSpan.FromDays(7)) }),
            ],
        });
        var histories = new UnitHistories(16 << 20);
        var tracked = histories.Track(point.Id, Serve.Snapshot(point).Points[0].Histories);
        for (var unit = 0; unit < 20_000; unit += 2) // every other one is known
        {
            for (var i = 0; i < 5; i++) histories.Add(tracked, Serve.Utf8($"{unit}"), new(HistoryEvent.OutcomeOf("purchase"), TimeSpan.TicksPerHour * i, i), TimeSpan.TicksPerDay);
        }
        tracked.IsComplete = true;
        AllocatesNothing(point, histories);
        Assert.Equal((0L, 0L), (histories.Unknown, histories.Evicted));
    }

    private static void AllocatesNothing(PointSource source, UnitHistories? histories = null, string? context = null)
    {
        var snapshot = Serve.Snapshot(source);
        var key = Serve.Utf8("banner");
        var sent = Serve.Utf8(context ?? """{"country":"N\u004c","cartValue":83.5,"isMember":"true","device":{"os":5},"sentAt":"2026-05-04T12:30:00Z","unknown":[1,2,{"x":"y"}]}""");
        var workspace = new DecisionWorkspace();
        var unit = new byte[16];
        var next = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 5_000; i++)
            {
                next++.TryFormat(unit, out var length, provider: CultureInfo.InvariantCulture);
                DecisionEngine.Decide(snapshot, snapshot.Find(key)!, new(unit.AsSpan(0, length), unit.AsSpan(0, length), sent) { At = new(TimeSpan.TicksPerDay, TimeSpan.Zero), Histories = histories }, workspace);
            }
        }));
        Assert.Equal(0, snapshot.Points[0].Faults);
    }
}
