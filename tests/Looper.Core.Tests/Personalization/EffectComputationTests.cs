using Looper.Core.Blueprints;
using Looper.Core.Causal;
using Looper.Core.Experiments;
using Looper.Core.Numerics;
using Looper.Core.Personalization;
using Looper.Core.Serving;
using Looper.Core.Simulation;
using Looper.Core.Tests.Experiments;

namespace Looper.Core.Tests.Personalization;

public class EffectComputationTests(ITestOutputHelper output)
{
    private static (EffectContent Content, RuleUnits? Units) Estimated(EffectUnits units, ExperimentPlan plan, EffectSettings? settings = null, bool imported = false)
    {
        var answered = Asked(units, plan, settings, imported);
        Assert.Null(answered.Refusal);
        return answered.Value;
    }

    private static Answered<(EffectContent Content, RuleUnits? Units)> Asked(EffectUnits units, ExperimentPlan plan, EffectSettings? settings = null, bool imported = false) =>
        EffectComputation.Of(settings ?? ShopEffects.Settings(), plan, ShopEffects.Content, units, imported, ShopEffects.Quick, (_, _) => { }, default);

    [Fact] // the truth: new customers buy with free shipping, returning ones with ten percent, loyal ones with points
    public void Effects_of_several_arms_are_found_named_and_made_into_the_rule_that_is_true()
    {
        var plan = ShopEffects.Plan();
        var (content, units) = Estimated(ShopEffects.Units(6_000, plan), plan);
        Assert.Equal(["ten-percent", "loyalty-points"], content.Effects.Select(e => e.Arm));
        Assert.All(content.Effects, e =>
        {
            Assert.Equal("The effect differs, mostly by customerType.", e.Verdict);
            Assert.True(e.Differs && e.Rate!.Low > 0 && e.Qini!.Low > 0 && e.RateP < 0.001);
            Assert.True(e.Slope!.Low > 0); // not 1: the few trees of this test shrink effects
            Assert.Equal("customerType", e.Drivers[0].Feature);
            Assert.Contains(e.Segments, s => s.Rule.Contains("customerType", StringComparison.Ordinal) && s.P < 0.05);
            Assert.All(e.Segments, s => Assert.Single(s.Rule.Split(" and ").Where(c => c.StartsWith("customerType is ", StringComparison.Ordinal)).Select(c => c.StartsWith("customerType is not ", StringComparison.Ordinal)).Distinct()));
            Assert.True(e.Groups[^1].Gain.Low > e.Groups[0].Gain.High);
            Assert.InRange(e.Judged, 0.55 * 4_000, 0.65 * 4_000); // three of five folds judge
            Assert.Equal(e.Curve[^1].Gain, e.Average!.Value, 0.03);
        });
        Assert.Equal(["customerType", "cartValue", "isMember"], content.Settings.Features);
        Assert.Equal(new LeftOutFeature("email", "it is personal"), Assert.Single(content.Settings.LeftOut));
        // what ten percent does to each type rather than free shipping, times 17/15; within 3.3 standard errors
        var byType = content.Effects[0].Drivers[0].Groups.ToDictionary(g => g.Group, g => g.Gain);
        foreach (var (type, truth) in new[] { ("new", -0.2267), ("returning", 0.2493), ("loyal", 0.0453) })
        {
            var gain = byType[$"customerType: {type}"];
            Assert.True(Math.Abs(gain.Value - truth) < 3.3 * (gain.High - gain.Low) / 2 / 1.96, $"{type}: {gain}, the truth is {truth}");
        }

        var rule = LearnedRule.Of(units!.Units, units.Chooses, units.Scores, new());
        var node = new FeatureTexts(units.Units.Columns, units.Booleans).Rule(rule.Tree, BannerShop.Banners);
        var served = TreeRule.Compile(node, ShopEffects.Content.Features, BannerShop.Banners).Value!;
        var (shop, value) = (new BannerShop(99), 0.0);
        const int fresh = 20_000;
        for (var i = 0; i < fresh; i++)
        {
            var customer = shop.Customer(i);
            var banner = BannerShop.Banners[served.OptionOf(ShopEffects.Served(customer))];
            Assert.Equal(BannerShop.BestBanner(customer.CustomerType), banner);
            value += BannerShop.Probability(customer, banner) / fresh;
        }
        output.WriteLine($"{node}: {value:F4} of {BannerShop.BestPossibleRate:F4}, estimated {rule.Value.Value:F4} ± {rule.Value.StandardError:F4}");
        Assert.True(rule.Value.At(0.99).Contains(BannerShop.BestPossibleRate), $"{rule.Value}");
        Assert.True(rule.OverBest.At(0.95).Low > 0, $"{rule.OverBest}");
        Assert.All(BannerShop.Banners, b => Assert.True(rule.Constant[BannerShop.Banners.IndexOf(b)].At(0.999).Contains(BannerShop.ExpectedRate(b))));
    }

    [Fact] // the tree that was valued and the rule that serves are one function, also where values are missing or new
    public void The_rule_that_serves_is_the_rule_that_was_valued()
    {
        var plan = ShopEffects.Plan(2);
        var units = ShopEffects.Units(3_000, plan, outcome: (c, banner, i) => (banner == "free-shipping" ? 0 : (c.CartValue > 60 ? 1 : -1) * (c.IsMember ? 1 : -1)) + i % 7 * 0.1);
        var kept = Estimated(units, plan, ShopEffects.Settings() with { IsRate = false }).Units!;
        var rule = LearnedRule.Of(kept.Units, kept.Chooses, kept.Scores, new() { Depth = 3 });
        Assert.True(rule.Tree.Leaves >= 4, rule.Tree.ToString());
        string[] options = ["free-shipping", "ten-percent"];
        var served = TreeRule.Compile(new FeatureTexts(kept.Units.Columns, kept.Booleans).Rule(rule.Tree, options), ShopEffects.Content.Features, options).Value!;
        var given = LearnedRule.ArmsOf(rule.Tree, kept.Units, [.. Enumerable.Range(0, 1_000)]);
        var shop = new BannerShop(11);
        for (var i = 0; i < given.Length; i++) Assert.Equal(given[i], served.OptionOf(ShopEffects.Served(shop.Customer(i))));
        byte[] missing = [0, 0, 0, 0];
        Assert.Equal(rule.Tree.ArmOf([double.NaN, double.NaN, double.NaN], kept.Units), served.OptionOf(missing));
    }

    [Theory] // the app tells of a membership only where there is one, or only where there is none, or of either for some: the effect goes by whether it tells
    [InlineData(true, false), InlineData(false, true), InlineData(true, true)]
    public void A_rule_on_whether_a_flag_is_known_serves_those_it_was_valued_for(bool tellsYes, bool tellsNo)
    {
        var plan = ShopEffects.Plan(2);
        bool? Told(Customer c) => (c.IsMember ? tellsYes : tellsNo) && c.CartValue > (tellsYes && tellsNo ? 40 : 0) ? c.IsMember : null;
        var units = ShopEffects.Units(3_000, plan, outcome: (c, banner, i) => (banner == "free-shipping" ? 0 : Told(c) is null ? -1 : 1) + i % 7 * 0.1, isMember: Told);
        var (content, kept) = Estimated(units, plan, ShopEffects.Settings() with { IsRate = false });
        var rule = LearnedRule.Of(kept!.Units, kept.Chooses, kept.Scores, new() { Depth = 1 });
        var flag = kept.Units.Columns.Select(c => c.Name).ToList().IndexOf("isMember");
        if (!(tellsYes && tellsNo)) Assert.Equal((flag, tellsYes ? 1.0 : 0), (rule.Tree.Column, rule.Tree.Cut));
        string[] options = ["free-shipping", "ten-percent"];
        foreach (var tree in new[] { rule.Tree, new(-1, flag, 1, new(1), new(0)), new PolicyTree(-1, flag, 0, new(1), new(0)) })
        {
            var served = TreeRule.Compile(new FeatureTexts(kept.Units.Columns, kept.Booleans).Rule(tree, options), ShopEffects.Content.Features, options).Value!;
            var given = LearnedRule.ArmsOf(tree, kept.Units, [.. Enumerable.Range(0, 1_000)]);
            var shop = new BannerShop(11);
            for (var i = 0; i < given.Length; i++) Assert.Equal(given[i], served.OptionOf(ShopEffects.Served(shop.Customer(i), Told)));
        }
        if (tellsYes && tellsNo) return;
        var groups = content.Effects[0].Drivers.Single(d => d.Feature == "isMember").Groups.Select(g => g.Group);
        Assert.Equal([$"isMember: {(tellsYes ? "yes" : "no")}", "isMember: missing"], groups);
        Assert.Equal(tellsYes ? ["isMember is known", "isMember is missing"] : ["isMember is no", "isMember is yes or missing"], content.Effects[0].Segments.Select(s => s.Rule.Split(" and ")[0]).Distinct());
    }

    [Theory, InlineData("risk"), InlineData("x")] // who churned and who stayed are one thing
    public void A_yes_no_metric_that_should_be_low_gives_what_its_opposite_gives(string learner)
    {
        var plan = ShopEffects.Plan(2);
        double Stays(Customer c, string banner, int i) => new Philox(5, "stays", i).Uniform() < (c.IsMember ? 0.6 : 0.3) + (banner == "free-shipping" ? 0 : c.IsMember ? 0.2 : 0.02) ? 1 : 0;
        var settings = ShopEffects.Settings(learner);
        var (stayed, value) = Estimated(ShopEffects.Units(2_500, plan, outcome: Stays), plan, settings);
        var (churned, minus) = Estimated(ShopEffects.Units(2_500, plan, outcome: (c, b, i) => 1 - Stays(c, b, i)), plan, settings with { LowerIsBetter = true });
        Assert.Equal(EffectContent.Write(stayed with { Settings = settings, Arms = [] }), EffectContent.Write(churned with { Settings = settings, Arms = [] }));
        Assert.False(stayed.Effects[0].Counts.IsEmpty); // effects differ between units
        Assert.All(Enumerable.Range(0, value!.Units.Rows), i => Assert.Equal(value.Scores[1][i] - 1, minus!.Scores[1][i], 1e-12)); // a share of churn is told as one
    }

    [Fact] // of one unit in ten one in a hundred gets the treatment
    public void Units_that_hardly_could_have_got_an_arm_are_counted()
    {
        var plan = ShopEffects.Plan(2);
        var (shop, units) = (new BannerShop(11), ShopEffects.Empty(plan));
        for (var i = 0; i < 3_000; i++)
        {
            var (customer, random) = (shop.Customer(i), new Philox(6, "thin", i));
            var treated = random.Uniform() < (i % 10 == 0 ? 0.01 : 0.5);
            var chance = i % 10 == 0 ? treated ? 0.01 : 0.99 : 0.5;
            var value = shop.Buys(i, customer, BannerShop.Banners[treated ? 1 : 0]) ? 1.0 : 0;
            var unit = Exposed.Unit(treated ? 1 : 0, [value, value], ShopEffects.Served(customer));
            units.Add(unit with { Decision = unit.Decision with { Propensity = chance } });
        }
        var effects = Assert.Single(Estimated(units, plan, imported: true).Content.Effects);
        Assert.Equal(0.1, effects.ExtremeShare, 1e-9);
        Assert.True(effects.IsThin && effects.Overlapping is { } likely && likely.High - likely.Low < effects.Average!.High - effects.Average.Low, $"{effects.Overlapping}, {effects.Average}");
    }

    [Fact]
    public void Half_of_the_machine_is_left_to_decisions() => Assert.InRange(EffectComputation.BesideServing.Threads, 1, Math.Max(1, Environment.ProcessorCount / 2));

    [Fact]
    public void The_same_units_give_the_same_numbers_and_kept_units_survive_being_stored()
    {
        var plan = ShopEffects.Plan(2);
        var (first, units) = Estimated(ShopEffects.Units(1_500, plan), plan);
        var (again, _) = Estimated(ShopEffects.Units(1_500, plan), plan);
        Assert.Equal(EffectContent.Write(first), EffectContent.Write(again));
        Assert.Equal(EffectContent.Write(first), EffectContent.Write(EffectContent.Read(EffectContent.Write(first))));
        var read = RuleUnits.Read(units!.Write());
        Assert.Equal(units.Write(), read.Write());
        Assert.Equal((units.Units.Columns[0].Name, units.Scores[1][7], units.Chooses[9]), (read.Units.Columns[0].Name, read.Scores[1][7], read.Chooses[9]));
    }

    [Fact] // fewer refunds are a gain of 2, whatever the sign of the metric
    public void A_metric_that_should_be_low_is_read_as_a_gain_when_it_falls()
    {
        var plan = ShopEffects.Plan(2);
        var units = ShopEffects.Units(1_500, plan, "refunds", (_, banner, i) => (banner == "free-shipping" ? 5 : 3) + i % 10 * 0.1);
        var content = Estimated(units, plan, ShopEffects.Settings(lower: true)).Content;
        Assert.False(content.Differs);
        var effects = Assert.Single(content.Effects);
        Assert.True(effects.Average is { Low: > 1.9, High: < 2.1 });
        Assert.False(effects.Differs);
        Assert.StartsWith("No sign that the effect differs", effects.Verdict, StringComparison.Ordinal);
    }

    [Fact]
    public void Too_little_data_is_a_shortage_and_no_number()
    {
        var plan = ShopEffects.Plan(2);
        var (content, units) = Estimated(ShopEffects.Units(600, plan), plan);
        var one = Assert.Single(content.Effects);
        Assert.Equal(500, one.Shortage!.Need);
        Assert.True(one.Average is null && one.Curve.IsEmpty && double.IsNaN(one.RateP) && units is null);
        Assert.Equal("There are too few units to learn a rule from.", content.Settings.NoPolicy);
        Assert.Contains("\"rateP\":null", EffectContent.Write(content), StringComparison.Ordinal);
        // enough units, but hardly anybody buys
        var rare = Assert.Single(Estimated(ShopEffects.Units(1_500, plan, outcome: (_, _, i) => i % 100 == 0 ? 1 : 0), plan).Content.Effects);
        Assert.Equal((50, "units with purchase in free-shipping"), (rare.Shortage!.Need, rare.Shortage.Of));
        // and hardly any order beside the usual one
        var orders = ShopEffects.Units(1_500, plan, "refunds", (_, banner, i) => i % 100 == 0 ? 50 + i : banner == "free-shipping" ? 0 : 2.5);
        var few = Assert.Single(Estimated(orders, plan, ShopEffects.Settings() with { IsRate = false }).Content.Effects);
        Assert.Equal((50, "units with another purchase than 0 in free-shipping"), (few.Shortage!.Need, few.Shortage.Of));
        Assert.InRange(few.Shortage.Have, 1, 15);
    }

    [Fact] // arms take turns, a second apart: the second one's 500th unit is the 1,000th
    public void Where_windows_are_still_open_it_is_said_from_when_on_there_is_enough()
    {
        var plan = ShopEffects.Plan(2);
        var units = ShopEffects.Empty(plan);
        for (var i = 0; i < 1_300; i++)
        {
            var unit = Exposed.Unit(i % 2, [1, 0], [0, 0, 0, 0], closed: false);
            units.Add(unit with { Decision = unit.Decision with { Time = Exposed.Start.AddSeconds(i) } });
        }
        var (content, kept) = Estimated(units, plan);
        var one = Assert.Single(content.Effects);
        var window = ShopEffects.Content.Outcomes[0].Window;
        Assert.Equal(new Shortage(0, 500, $"units in {plan.Arms[0].Key}", Exposed.Start.AddSeconds(999) + window), one.Shortage);
        Assert.Contains("enough of those that are in will have closed windows by", one.Verdict, StringComparison.Ordinal);
        Assert.True(kept is null && content.Settings.NoPolicy is not null && content.Settings.LeftOut.IsEmpty);
    }

    [Fact]
    public void Nothing_to_tell_units_apart_by_is_said()
    {
        var plan = ShopEffects.Plan(2);
        var units = ShopEffects.Empty(plan);
        for (var i = 0; i < 2_000; i++) units.Add(Exposed.Unit(i % 2, [i % 3 == 0 ? 1 : 0, 0], [0, 0, 0, 0]));
        Assert.Equal("effects.no-features", Asked(units, plan).Refusal!.Code);
        Assert.Equal("No unit has met the experiment yet. Wait until decisions come.", Asked(ShopEffects.Empty(plan), plan).Refusal!.Reason);
    }

    [Fact] // waiting would not help
    public void Units_of_which_nothing_is_known_are_not_called_nobody()
    {
        var plan = ShopEffects.Plan(2);
        var units = ShopEffects.Empty(plan);
        for (var i = 0; i < 2_000; i++) units.Add(Exposed.Unit(i % 2, [double.NaN, 1], [0, 0, 0, 0]));
        for (var i = 0; i < 3; i++) units.Add(Exposed.Unit(0, [1, 1], [0, 0, 0, 0], reason: Reason.Override));
        Assert.Equal("2,003 units have met the experiment and none has a value of purchase: of 2,000 nothing was reported, or they are outside the metric’s filter; the first answer of 3 was forced or was no arm of the experiment.",
            Asked(units, plan).Refusal!.Reason);
    }

    [Fact] // the helper's log has 0.5 for everybody's own arm
    public void Probabilities_come_from_the_plan_or_the_file_and_are_never_guessed()
    {
        var plan = ShopEffects.Plan(2) with { Arms = [.. ShopEffects.Plan(2).Arms.Select((a, i) => a with { Weight = i == 0 ? 0.8 : 0.2 })] };
        var units = ShopEffects.Units(100, plan);
        var planned = ArmChances.Read(plan, units, isImported: false).Value!;
        Assert.All(planned.Of[1], e => Assert.Equal(0.2, e, 1e-12));
        var logged = ArmChances.Read(plan, units, isImported: true).Value!;
        Assert.All(logged.Of[1], e => Assert.Equal(0.5, e, 1e-12));
        var certain = ShopEffects.Empty(plan);
        certain.Add(Exposed.Unit(0, [1, 1], ShopEffects.Served(new BannerShop(1).Customer(1))) is var unit ? unit with { Decision = unit.Decision with { Propensity = 1 } } : null!);
        Assert.Equal("effects.no-propensities", ArmChances.Read(plan, certain, isImported: true).Refusal!.Code);
    }

    [Fact]
    public void Forced_answers_and_open_windows_are_counted_and_left_out()
    {
        var plan = ShopEffects.Plan(2);
        var units = ShopEffects.Empty(plan);
        var row = ShopEffects.Served(new BannerShop(1).Customer(1));
        units.Add(Exposed.Unit(0, [1, 1], row));
        units.Add(Exposed.Unit(0, [1, 1], row, reason: Reason.Override));
        units.Add(Exposed.Unit(1, [1, 1], row, closed: false));
        units.Add(Exposed.Unit(1, [double.NaN, 1], row));
        Assert.Equal((1, 1L, 1L, 1L), (units.Count, units.LeftOut, units.Open[1], units.Unknown[1]));
    }

    [Fact] // whoever comes first
    public void Of_more_units_than_there_is_room_for_the_same_ones_are_used_and_the_share_is_said()
    {
        var plan = ShopEffects.Plan(2);
        EffectUnits Read(IEnumerable<int> order, int most)
        {
            var units = ShopEffects.Empty(plan, most: most);
            var shop = new BannerShop(11);
            foreach (var i in order)
            {
                var unit = Exposed.Unit(i % 2, [i, 0], ShopEffects.Served(shop.Customer(i)));
                units.Add(unit with { Decision = unit.Decision with { Unit = $"u{i}" } });
            }
            return units;
        }
        var units = Read(Enumerable.Range(0, 9_000), 3_000);
        Assert.Equal((0.25, 9_000L), (units.Share, units.Known));
        Assert.InRange(units.Count, 9_000 / 4 - 140, 9_000 / 4 + 140); // 3.3 standard errors
        Assert.InRange(units.Arms.Average(), 0.465, 0.535);
        Assert.Equal(units.Values().Values.Order(), Read(Enumerable.Range(0, 9_000).Reverse(), 3_000).Values().Values.Order());
        Assert.Equal((1, 9_000), (Read(Enumerable.Range(0, 9_000), 9_000) is var all ? all.Share : 0, all.Count));
        Assert.Equal(0.25, Estimated(units, plan, ShopEffects.Settings() with { IsRate = false }).Content.Settings.UnitsShare);
    }

    [Theory]
    [InlineData(false, "")]
    [InlineData(true, "looper gives more than one option")]
    public void A_rule_needs_arms_that_are_single_options(bool withPolicy, string why)
    {
        var plan = ShopEffects.Plan(2);
        if (withPolicy) plan = plan with { Arms = [plan.Arms[0], new("looper", 0.5) { Policy = new EpsilonGreedyPolicy(0.1) }] };
        Assert.StartsWith(why, ArmOptions.WhyNone(plan, ShopEffects.Content) ?? "", StringComparison.Ordinal);
        Assert.Equal(withPolicy, ArmOptions.WhyNone(plan, ShopEffects.Content) is not null);
        Assert.NotNull(ArmOptions.WhyNone(plan, ShopEffects.Content with { Shape = DecisionShape.Pick }));
    }
}
