using Looper.Core.Access;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Experiments;
using Looper.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Tests.Experiments;

/// <summary>Audience, layers and ramp as they are planned and started.</summary>
public class DesignTests
{
    private static readonly Caller Engineer = new("engineer", Role.Engineer);

    private static BlueprintContent Content => Exposed.Blueprint(new Outcome("purchase", OutcomeKind.Boolean)) with
    {
        Features = [new("country", FeatureKind.Category), new("cart", FeatureKind.Number), new("member", FeatureKind.Boolean)],
    };

    private static ExperimentPlan Plan => Exposed.Plan(("control", 0.5), ("b", 0.5));

    private static string[] Faults(ExperimentPlan plan) => [.. ExperimentRules.Check(plan, Content).Select(f => f.Field ?? "")];

    [Fact]
    public void A_sound_design_has_no_fault() => Assert.Empty(Faults(Plan with
    {
        Audience = [new("country", FilterRule.Is, "NL"), new("cart", FilterRule.AtLeast, "50"), new("member", FilterRule.Is, "yes")],
        Layer = "checkout",
        Traffic = 0.8,
        Ramp = [new(0.05, 24), new(0.25, 48)],
    }));

    [Fact]
    public void Every_fault_of_a_design_names_its_field()
    {
        Assert.Equal(["audience[0].feature", "audience[1].value", "audience[2].value", "audience[3].value"], Faults(Plan with
        {
            Audience = [new("gone", FilterRule.Is, "x"), new("country", FilterRule.AtLeast, "5"), new("member", FilterRule.Is, "true"), new("cart", FilterRule.Is, "much")],
        }));
        Assert.Equal(["ramp[1].share", "ramp[1].hours"], Faults(Plan with { Ramp = [new(0.2, 24), new(0.1, 0)] }));
        Assert.Equal(["ramp[0].share"], Faults(Plan with { Traffic = 0.1, Ramp = [new(0.2, 24)] }));
        Assert.Equal(["layer"], Faults(Plan with { Layer = " " }));
    }

    [Fact]
    public void A_tester_needs_a_unit_once_and_an_arm_that_is_there()
    {
        Assert.Null(DesignRules.CheckTesters([new("anna", "b")], Plan));
        Assert.Equal("testers[1].unit", DesignRules.CheckTesters([new("anna", "b"), new("anna", "control")], Plan)?.Field);
        Assert.Equal("testers[0].arm", DesignRules.CheckTesters([new("anna", "c")], Plan)?.Field);
        Assert.Equal("testers[0].unit", DesignRules.CheckTesters([new(" ", "b")], Plan)?.Field);
    }

    [Fact]
    public void A_piece_of_a_layer_is_found_between_those_taken()
    {
        Assert.Equal(0, Layers.Gap([], 1));
        Assert.Equal(0.4, Layers.Gap([(0, 0.4)], 0.6));
        Assert.Equal(0.2, Layers.Gap([(0.5, 0.5), (0, 0.2)], 0.3));
        Assert.Null(Layers.Gap([(0.5, 0.5), (0, 0.2)], 0.31));
        Assert.Equal(0.30000000000000004, Layers.Gap([(0, 0.1), (0.1, 0.2)], 0.7)!.Value, 1e-12); // what adding shares loses does not matter
    }

    [Fact]
    public async Task Two_experiments_run_on_one_decision_point_only_inside_one_layer_with_room()
    {
        await using var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<ExperimentActions>().AddSingleton<ExperimentQueries>());
        await using (var db = await database.Databases.CreateDbContextAsync())
        {
            var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = "banner", Name = "Banner", CurrentVersion = 1 };
            db.Add(point);
            db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = 1, Content = BlueprintJson.Write(Content), Hash = "h" });
            await db.SaveChangesAsync();
        }
        var (actions, queries) = (database.Get<ExperimentActions>(), database.Get<ExperimentQueries>());
        async Task<(Guid Id, Refusal? Refusal)> StartAsync(string key, ExperimentPlan plan)
        {
            var id = (await actions.CreateAsync(Engineer, new("banner", key, key, null, plan), default)).Value;
            return (id, await actions.StartAsync(Engineer, id, null, default));
        }

        Assert.Null((await StartAsync("first", Plan with { Layer = "checkout", Traffic = 0.5 })).Refusal);
        Assert.Equal("experiment.another-running", (await StartAsync("outside", Plan)).Refusal?.Code);
        var (second, refusal) = await StartAsync("second", Plan with { Layer = "checkout", Traffic = 0.3, LayerFrom = 0.9 });
        Assert.Null(refusal);
        Assert.Equal(0.5, (await queries.FindAsync(Engineer, second, default)).Value!.Plan.LayerFrom); // found, not asked for
        var full = (await StartAsync("third", Plan with { Layer = "checkout", Traffic = 0.3 })).Refusal;
        Assert.Equal(("experiment.layer-full", "traffic"), (full?.Code, full?.Field));
        Assert.Contains("'first' (50%)", full!.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_gate_holds_for_nobody_a_broken_split_and_a_harmed_guardrail_and_opens_otherwise()
    {
        var outcomes = new[] { new Outcome("purchase", OutcomeKind.Boolean), new Outcome("refund", OutcomeKind.Boolean) { Better = Direction.Lower } };
        var blueprint = Exposed.Blueprint(outcomes) with { Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.05)] } };
        ReportContent Of(int control, int treatment, Func<int, int, double> refund) => Exposed.Report(Exposed.Settings(Plan, "purchase"), blueprint,
            Enumerable.Range(0, control + treatment).Select(i => (Arm: i < control ? 0 : 1, Number: i < control ? i : i - control))
                .OrderBy(u => (double)u.Number / (u.Arm == 0 ? control : treatment)) // both arms fill up side by side
                .Select(u => Exposed.Unit(u.Arm, [u.Number % 10 == 0 ? 1 : 0, refund(u.Arm, u.Number)])));
        Assert.Contains("No unit", RampGate.WhyHeld(Of(0, 0, (_, _) => 0)), StringComparison.Ordinal);
        Assert.Contains("Units per arm as planned", RampGate.WhyHeld(Of(6_000, 4_000, (_, i) => i % 10 == 1 ? 1 : 0)), StringComparison.Ordinal);
        Assert.Contains("refund", RampGate.WhyHeld(Of(20_000, 20_000, (arm, i) => i % (arm == 0 ? 10 : 6) == 1 ? 1 : 0)), StringComparison.Ordinal);
        Assert.Null(RampGate.WhyHeld(Of(20_000, 20_000, (_, i) => i % 10 == 1 ? 1 : 0)));
    }

    [Fact]
    public void A_publish_that_drops_a_feature_of_the_audience_is_kept_from_a_running_experiment()
    {
        var plan = Plan with { Audience = [new("country", FilterRule.Is, "NL")] };
        Assert.Contains("country", UnderTest.Why(plan, Content, Content with { Features = [new("cart", FeatureKind.Number), new("member", FeatureKind.Boolean)] }), StringComparison.Ordinal);
        Assert.Null(UnderTest.Why(plan, Content, Content with { Features = [.. Content.Features, new("visits", FeatureKind.Number)] }));
    }

    [Fact]
    public void A_publish_that_drops_or_changes_what_arms_are_given_by_is_kept_from_a_running_experiment()
    {
        var (byCountry, byRegion) = (Plan with { Cluster = "country" }, Plan with { Switchback = new(60) { Region = "country" } });
        var rule = Plan with { Arms = [Plan.Arms[0], new("b", 0.5) { Policy = new TreePolicy(new() { Feature = "cart", AtMost = 20, Then = new() { Option = "a" }, Else = new() { Option = "b" } }) }] };
        BlueprintContent Without(string feature) => Content with { Features = [.. Content.Features.Where(f => f.Name != feature)] };
        var asNumber = Content with { Features = [.. Content.Features.Select(f => f.Name == "country" ? f with { Kind = FeatureKind.Number } : f)] };
        foreach (var next in new[] { Without("country"), asNumber }) // drawn anew, where a number takes the place of a category
        {
            Assert.Contains("its arms go by feature `country`", UnderTest.Why(byCountry, Content, next), StringComparison.Ordinal);
            Assert.Contains("its slots go by feature `country`", UnderTest.Why(byRegion, Content, next), StringComparison.Ordinal);
        }

        Assert.Contains("the rule of its arm `b`", UnderTest.Why(rule, Content, Without("cart")), StringComparison.Ordinal);
        Assert.All([byCountry, byRegion, rule], plan => Assert.Null(UnderTest.Why(plan, Content, Without("member"))));
    }

    [Theory, InlineData("purchase"), InlineData("refund"), InlineData("visit"), InlineData("revenue"), InlineData("order"), InlineData("seen"), InlineData("later"), InlineData(null)]
    public void A_publish_that_drops_or_changes_an_outcome_of_the_plan_is_kept_from_a_running_experiment(string? needed)
    {
        Outcome[] outcomes = [.. new[] { "purchase", "refund", "visit", "revenue", "order", "seen", "later", "unused" }.Select(name => new Outcome(name, OutcomeKind.Number))];
        var asked = Exposed.Blueprint(outcomes) with { Goal = new() { Terms = [new("purchase")], Guardrails = [new("refund", 0.1)] } };
        var plan = Plan with
        {
            PrimaryOutcome = "later",
            Guardrails = [new("visit", 0.1)],
            Metrics = [new Metric { Key = "basket", Kind = MetricKind.Ratio, Outcome = "revenue", Denominator = "order" }, new Metric { Key = "path", Kind = MetricKind.Funnel, Steps = ["seen", "order"] }],
        };
        var current = asked with { Goal = new() { Terms = [new("unused")] } }; // published since, which changed nothing of what is measured
        var (gone, other) = (Changed(o => null), Changed(o => o with { Kind = OutcomeKind.Boolean }));
        var pinned = plan with { Arms = [plan.Arms[0] with { Option = null, BlueprintVersion = 1 }, plan.Arms[1]] };
        foreach (var next in new[] { gone, other })
        {
            var why = UnderTest.Why(plan, current, next, asked);
            if (needed is null) Assert.Null(why);
            else Assert.Contains($"outcome `{needed}`", why, StringComparison.Ordinal);
            Assert.Null(UnderTest.Why(pinned, current, next, asked)); // its arm goes on asking for them
        }

        BlueprintContent Changed(Func<Outcome, Outcome?> change) => current with { Outcomes = [.. current.Outcomes.Select(o => o.Name == (needed ?? "unused") ? change(o) : o).OfType<Outcome>()] };
    }

    [Fact]
    public async Task An_experiment_and_a_version_that_could_not_be_served_together_are_refused_at_the_start_and_at_the_publish()
    {
        await using var database = await TestDatabase.CreateAsync(services: s => s.AddSingleton<ExperimentActions>().AddSingleton<Publishing>());
        var purchase = new Outcome("purchase", OutcomeKind.Boolean);
        var feed = new BlueprintContent
        {
            Shape = DecisionShape.Ranking, Positions = 10, Default = DecisionShapes.AsSent, CandidateFeatures = [new("topic", FeatureKind.Category)],
            Outcomes = [purchase], Goal = new() { Terms = [new("purchase")] }, Policy = new EpsilonGreedyPolicy(0.1),
        };
        await PublishAsync("feed", feed, feed with { Positions = 5 });
        await PublishAsync("banner", Content with { Policy = new FixedPolicy("nowhere") }, Content);
        var pinned = new ExperimentPlan { Arms = [new("now", 0.5), new("then", 0.5) { BlueprintVersion = 1 }] };
        var places = await StartAsync("feed", "places", pinned);
        Assert.Equal(("experiment.invalid", "arms[1].blueprintVersion"), (places?.Code, places?.Field));
        Assert.Contains("version 1 shows 10 places and the current version 5", places!.Reason, StringComparison.Ordinal);
        var unfit = await StartAsync("banner", "unfit", pinned); // only compiling tells
        Assert.Equal(("experiment.invalid", "arms[1]"), (unfit?.Code, unfit?.Field));
        Assert.Contains("'unfit' could not be served", unfit!.Reason, StringComparison.Ordinal);

        Assert.Null(await StartAsync("feed", "same", new() { Arms = [new("now", 0.5) { BlueprintVersion = 2 }, new("then", 0.5) { BlueprintVersion = 2 }] }));
        Assert.Null(await StartAsync("banner", "plain", Plan));
        var longer = await AddAsync("feed", feed);
        Assert.Equal("blueprint.under-test", longer?.Code);
        Assert.Contains("experiment `same` is running, and its arm `now` is version 2", longer!.Reason, StringComparison.Ordinal);
        var silent = await AddAsync("banner", Content with { Outcomes = [new("other", OutcomeKind.Boolean)], Goal = new() { Terms = [new("other")] } });
        Assert.Contains("experiment `plain` is running, and it is read by outcome `purchase`", silent?.Reason, StringComparison.Ordinal);
        await using (var db = await database.Databases.CreateDbContextAsync()) // as one from before these rules
        {
            var running = await db.Set<Experiment>().SingleAsync(e => e.Key == "plain");
            running.Plan = ExperimentJson.Write(Plan with { Arms = [Plan.Arms[0], new("then", 0.5) { BlueprintVersion = 1 }] });
            await db.SaveChangesAsync();
        }
        Assert.Contains("experiment `plain` is running, and it could not be served beside this version: arm 'then' names version 1", (await AddAsync("banner", Content with { Durable = true }))?.Reason, StringComparison.Ordinal);

        async Task PublishAsync(string key, params BlueprintContent[] versions)
        {
            await using var db = await database.Databases.CreateDbContextAsync();
            var point = new DecisionPoint { Id = Guid.CreateVersion7(), Key = key, Name = key, CurrentVersion = versions.Length };
            db.Add(point);
            for (var i = 0; i < versions.Length; i++) db.Add(new Blueprint { Id = Guid.CreateVersion7(), DecisionPointId = point.Id, Version = i + 1, Content = BlueprintJson.Write(versions[i]), Hash = $"h{i}" });
            await db.SaveChangesAsync();
        }

        async Task<Refusal?> StartAsync(string point, string key, ExperimentPlan plan)
        {
            var actions = database.Get<ExperimentActions>();
            var id = (await actions.CreateAsync(Engineer, new(point, key, key, null, plan), default)).Value;
            return await actions.StartAsync(Engineer, id, null, default);
        }

        async Task<Refusal?> AddAsync(string key, BlueprintContent content)
        {
            await using var db = await database.Databases.CreateDbContextAsync();
            return (await database.Get<Publishing>().AddVersionAsync(db, Engineer, await db.Set<DecisionPoint>().SingleAsync(p => p.Key == key), content, null, null, default)).Refusal;
        }
    }
}
