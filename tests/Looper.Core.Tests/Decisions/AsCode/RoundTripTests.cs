using System.Collections.Immutable;
using System.Globalization;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.AsCode;
using Looper.Core.Simulation;

namespace Looper.Core.Tests.Decisions.AsCode;

/// <summary>What an export wrote is read back as the same content, byte for byte of its canonical JSON.</summary>
public sealed class RoundTripTests
{
    // What YAML 1.1 or 1.2 would take for something else, and what a plain scalar cannot hold.
    private static readonly string[] s_texts =
    [
        "", "no", "yes", "on", "off", "y", "true", "False", "null", "Null", "~", "5", "-7", "0x1F", "0o17", "1e5", "1_000", "12:30:00", ".5", "5.", ".inf", "-.Inf", ".nan", "2026-01-01",
        " lead", "trail ", "a: b", "#x", "a #b", "- x", "? x", "&a", "*a", "!t", "%x", "@x", "`x`", "[a", "{a", "'q'", "\"q\"", "a\\b", "tab\there", "new\nline", "\r\n", "---", "...", "<<", "=",
        "emoji 😀", "é", "\u2028", "\u0085", "\u200b", "\uFEFFx", "\u007f", "\u0000", "NL", "a.b-c_d", "more...", "a...", "Loading...",
    ];

    private static readonly double[] s_numbers = [0, -0.0, 1, -1, 0.1, 0.1 + 0.2, 1.0 / 3, 1e50, -1e300, 5e-324, double.MaxValue, 1e21, 123456789012345680, 0.02];

    public static TheoryData<string, BlueprintContent> Known => new(
    [
        ("banner", Sample.Banner), ("tip", Sample.Tip), ("delivery", Sample.Delivery), ("feed", Sample.Feed), ("settings", Sample.Settings), ("shop", ShopDemo.Content()), ("notification", NotificationDemo.Content()),
        .. DraftTemplates.All.Select(t => (t.Key, t.Content)),
    ]);

    [Theory, MemberData(nameof(Known))]
    public void Every_shape_and_template_and_the_demo_come_back_as_they_were(string key, BlueprintContent content) => Same(key, content);

    [Fact]
    public void Generated_contents_come_back_as_they_were()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("LOOPER_TEST_SEED") ?? "21", CultureInfo.InvariantCulture);
        var random = new Random(seed);
        for (var round = 0; round < 400; round++) Same($"seed {seed}, round {round}", Any(random));
    }

    [Fact]
    public void Names_that_yaml_would_misread_come_back_as_they_were()
    {
        foreach (var key in new[] { "yes", "null", "true", "off", "123", "1e5", "0x1f", "2026-01-01", "checkout-banner" })
            foreach (var text in s_texts)
            {
                var entry = Read(BlueprintYaml.ExportAll([(new() { Key = key, Name = text, Description = text }, new() { Version = 7, Hash = Digits }, Sample.Tip)], [])).Entries.Single();
                Assert.Equal((key, text, text, 7, Digits), (entry.DecisionPoint, entry.Name, entry.Description, entry.Version, entry.Hash));
            }
    }

    [Fact]
    public void The_export_of_one_version_is_read_as_well() =>
        Assert.Equal("tip", Read(BlueprintYaml.Export("tip", 2, Digits, Sample.Tip)).Entries.Single().DecisionPoint);

    [Theory, InlineData(1, false), InlineData(20, false), InlineData(400, true)]
    public void An_export_of_more_values_than_are_read_says_so(int points, bool isTooLarge)
    {
        var yaml = BlueprintYaml.ExportAll(Enumerable.Range(0, points).Select(i => (new DecisionPoint { Key = $"tip-{i}", Name = "Tip" }, new Blueprint { Version = 1, Hash = Digits }, Sample.Tip)), []);
        Assert.Equal(isTooLarge, yaml.Contains("# This file has more than 10,000 values", StringComparison.Ordinal));
        Assert.Equal(isTooLarge, PointsFile.Read(yaml).Refusal?.Reason.Contains("10,000 values", StringComparison.Ordinal) ?? false);
    }

    private static string Digits => new('7', 64);

    private static void Same(string what, BlueprintContent content)
    {
        var canonical = BlueprintJson.Write(content);
        var yaml = BlueprintYaml.ExportAll([(new() { Key = "point", Name = "Point" }, new() { Version = 1, Hash = Digits }, content)], []);
        var read = PointsFile.Read(yaml);
        Assert.True(read.Refusal is null, $"{what}: {read.Refusal?.Reason}\n{yaml}");
        Assert.True(canonical == BlueprintJson.Write(read.Value!.Entries.Single().Blueprint), $"{what}:\n{canonical}\n{BlueprintJson.Write(read.Value.Entries.Single().Blueprint)}\n{yaml}");
    }

    private static PointsFile Read(string yaml) => PointsFile.Read(yaml) is { Value: { } file } ? file : throw new InvalidOperationException($"{PointsFile.Read(yaml).Refusal!.Reason}\n{yaml}");

    // Any content that can be stored, whether or not it could be published.
    private static BlueprintContent Any(Random random)
    {
        string Text() => s_texts[random.Next(s_texts.Length)];
        double Number() => s_numbers[random.Next(s_numbers.Length)];
        T? Maybe<T>(T value) where T : struct => random.Next(2) == 0 ? null : value;
        string? MaybeText() => random.Next(2) == 0 ? null : Text();
        TimeSpan Span() => new[] { TimeSpan.FromDays(7), TimeSpan.FromMinutes(90), TimeSpan.Zero, TimeSpan.FromMilliseconds(1_500), TimeSpan.FromHours(36) }[random.Next(5)];
        ImmutableArray<T> Some<T>(Func<T> one) => [.. Enumerable.Range(0, random.Next(4)).Select(_ => one())];
        T Of<T>() where T : struct, Enum => Enum.GetValues<T>()[random.Next(Enum.GetValues<T>().Length)];
        RuleNode Rule(int depth) => depth == 0 || random.Next(3) == 0 ? new() { Option = Text() }
            : new() { Feature = Text(), AtMost = Maybe(Number()), Is = MaybeText(), Contains = MaybeText(), Lacks = MaybeText(), Then = Rule(depth - 1), Else = Rule(depth - 1) };
        Derivation? Derived() => random.Next(8) switch
        {
            0 => new BucketDerivation(Text(), [Number(), .. Some(Number)]),
            1 => new CrossDerivation(Text(), Text()),
            2 => new TimePartDerivation(Text(), Of<TimePart>()) { Zone = MaybeText() },
            3 => new RatioDerivation(Text(), Text()),
            4 => new LogDerivation(Text()),
            5 => new HistoryDerivation(Text(), Of<HistoryAggregate>(), Span()),
            _ => null,
        };
        Feature Feature() => new(Text(), Of<FeatureKind>()) { Description = MaybeText(), Dimension = Maybe(random.Next(256)), CostPerThousand = Maybe(Number()), IsPersonal = random.Next(2) == 0, Derived = Derived() };
        PolicySpec Policy() => random.Next(8) switch
        {
            0 => new FixedPolicy(Text()),
            1 => new RandomPolicy { Weights = Some(Number) },
            2 => new BestPolicy(),
            3 => new EpsilonGreedyPolicy(Number()),
            4 => new SoftmaxPolicy(Number()),
            5 => new AsSentPolicy(),
            6 => new TreePolicy(Rule(8)) { Explore = Number(), MadeFrom = random.Next(2) == 0 ? null : new(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddTicks(random.NextInt64(1L << 60))) },
            _ => new BanditPolicy { Algorithm = Text(), Explore = Number(), Budget = Maybe(Number()) },
        };
        return new()
        {
            Shape = Of<DecisionShape>(),
            UnitName = Text(),
            Options = Some(() => new Option(Text()) { Name = MaybeText() }),
            Default = Text(),
            Positions = Maybe(random.Next()),
            Range = random.Next(2) == 0 ? null : new(Maybe(Number()), Maybe(Number())),
            Parameters = Some(() => new ConfigurationParameter(Text(), Of<ConfigurationKind>()) { Low = Number(), High = Number(), Log = random.Next(2) == 0, Values = Some(Text) }),
            Features = Some(Feature),
            CandidateFeatures = Some(Feature),
            Outcomes = Some(() => new Outcome(Text(), Of<OutcomeKind>()) { Description = MaybeText(), Better = Of<Direction>(), Window = Span(), Aggregation = Of<Aggregation>(), Absent = Maybe(Number()), UnitOfMeasure = MaybeText() }),
            Goal = new() { Terms = Some(() => new GoalTerm(Text(), Number())), Guardrails = Some(() => new Guardrail(Text(), Number())) },
            Policy = Policy(),
            Rollout = new() { Share = Number(), Holdout = Number(), Baseline = MaybeText() },
            Training = new()
            {
                FirstModelAt = random.Next(), RetrainEvery = Maybe(Span()), PromoteAutomatically = random.Next(2) == 0, IsOn = random.Next(2) == 0, RetrainAfter = Maybe(random.Next()),
                RetrainOnDrift = random.Next(2) == 0, Family = Of<ModelFamily>(), SearchSeconds = random.Next(), Settings = new() { Rounds = Maybe(random.Next()), L1 = Maybe(Number()) },
                Objectives = Some(() => new OutcomeObjective(Text(), Of<OutcomeTarget>()) { Quantile = Maybe(Number()) }),
                Selection = new() { IsOn = random.Next(2) == 0, Tolerance = Number(), Pinned = Some(Text) },
                Gate = new() { FreshFor = Span(), NotWorse = Number(), CalibrationError = Number(), ScoringMicroseconds = Number(), ShadowDecisions = random.Next() },
            },
            Durable = random.Next(2) == 0,
        };
    }
}
