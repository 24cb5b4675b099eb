using System.Globalization;
using System.Text.Json;
using Looper.Core.Causal;
using Looper.Core.Numerics;
using Looper.Testing;
using Looper.Web.Commands;
using Looper.Web.Commands.Effects;

namespace Looper.Web.Tests.Commands;

[Collection("console")]
public sealed class EffectsCommandTests : IDisposable
{
    private string _arms = "abn";
    private readonly string _directory = Directory.CreateTempSubdirectory("effects-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string At(string name) => Path.Combine(_directory, name);

    private static async Task<(int Code, string Error)> RunAsync(params string[] arguments)
    {
        var (before, error) = (System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            return (await CommandLine.RunAsync(arguments, _ => throw new InvalidOperationException()), error.ToString());
        }
        finally
        {
            System.Console.SetError(before);
        }
    }

    // a gains by x, b by nothing
    private string Units(int rows = 600, string arms = "abn")
    {
        var random = new Philox(1, "cli");
        var lines = Enumerable.Range(0, rows).Select(i =>
        {
            var (x, arm) = (random.Normal(), arms[random.Below(arms.Length)]);
            var y = (arm == 'a' ? 2 * x : arm == 'b' ? 0.5 : 0) + random.Normal();
            return string.Create(CultureInfo.InvariantCulture, $"{x},{"uv"[i % 2]},{arm},{y},{1.0 / arms.Length},{(i % 3 == 0 ? "test" : "train")},{2 * x}");
        });
        File.WriteAllLines(At("units.csv"), ["x,kind,arm,y,p,split,score", .. lines]);
        return At("units.csv");
    }

    private Task<(int Code, string Error)> EffectsAsync(params string[] more) => RunAsync(
        ["effects", "--data", Units(arms: _arms), "--treatment", "arm", "--control", "n", "--outcome", "y", "--out", At("e.csv"), "--report", At("r.json"), .. more]);

    /// <summary>The first treatment of a file, as the command compares it, by learners that are quick: by those of its own it takes half a minute.</summary>
    private static (JsonElement Arm, string Said) Compared(EffectsPlan asked)
    {
        var one = ArmComparison.Of(EffectsData.Read(asked), 1, asked, new() { Learner = asked.Learner, Bases = [BaseLearner.Linear], Trees = 50, MostBayesian = 0 });
        return (JsonSerializer.SerializeToElement(one.Figures, JsonSerializerOptions.Web), string.Join('\n', one.Lines));
    }

    [Fact] // the command itself
    public async Task Every_row_gets_the_effect_of_every_treatment()
    {
        if (!Sizes.IsLong) _arms = "an"; // each treatment takes half a minute
        var (code, error) = await EffectsAsync("--propensity", "p", "--features", "x,kind", "--learner", "x", "--split-column", "split", "--better", "lower");
        Assert.True(code == 0, error);
        Assert.Contains("Less y counts as better.", error, StringComparison.Ordinal);
        var lines = await File.ReadAllLinesAsync(At("e.csv"));
        Assert.Equal("row,arm,effect,lower,upper", lines[0]);
        Assert.Equal(1 + (_arms.Length - 1) * 600, lines.Length);
        var first = lines[1].Split(',');
        Assert.Equal(["0", "a"], first[..2]);
        double effect = double.Parse(first[2], CultureInfo.InvariantCulture), low = double.Parse(first[3], CultureInfo.InvariantCulture);
        Assert.True(low < effect);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("r.json")));
        Assert.Equal("x", report.RootElement.GetProperty("learner").GetString());
        var a = report.RootElement.GetProperty("arms").GetProperty("a");
        Assert.True(a.GetProperty("differs").GetBoolean());
        var rule = a.GetProperty("rule");
        Assert.Equal("tree", rule.GetProperty("policy").GetProperty("kind").GetString());
        Assert.Contains("x is at most", rule.GetProperty("rule").GetString(), StringComparison.Ordinal);
        Assert.True(rule.GetProperty("overNone").GetProperty("value").GetDouble() > 0);
        Assert.True(a.GetProperty("lower").GetDouble() < a.GetProperty("ate").GetDouble());
        foreach (var name in new[] { "upper", "heterogeneityP", "rate", "rateP", "qini", "auuc" }) Assert.Equal(JsonValueKind.Number, a.GetProperty(name).ValueKind);
    }

    [Fact] // effects alike and clearly above 0, written as 1.0 and 0.0 with a known chance of a half
    public void Where_everyone_reacts_alike_everyone_gets_the_same()
    {
        var (arm, said) = Compared(Alike(1));
        Assert.False(arm.GetProperty("differs").GetBoolean());
        Assert.Equal("given", arm.GetProperty("propensities").GetString());
        Assert.Equal((1.0, 0.0), (arm.GetProperty("rule").GetProperty("treatedShare").GetDouble(), arm.GetProperty("rule").GetProperty("overAll").GetProperty("value").GetDouble()));
        Assert.DoesNotContain("if", arm.GetProperty("rule").GetProperty("rule").GetString(), StringComparison.Ordinal);
        Assert.Contains("'1.0' against '0.0': ", said, StringComparison.Ordinal);
        Assert.Contains("everyone reacts alike", said, StringComparison.Ordinal);
        Assert.Contains("What to do: give everybody '1.0'.", said, StringComparison.Ordinal);
    }

    [Fact]
    public void Where_the_average_may_be_nothing_no_rule_follows()
    {
        var (arm, said) = Compared(Alike(0));
        var rule = arm.GetProperty("rule");
        Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (rule.GetProperty("rule").ValueKind, rule.GetProperty("policy").ValueKind));
        Assert.Contains("its average may be above or below 0", rule.GetProperty("why").GetString(), StringComparison.Ordinal);
        Assert.Contains("What to do: no rule follows", said, StringComparison.Ordinal);
    }

    // pairs that differ by the arm alone: nothing but the effect is between them
    private EffectsPlan Alike(double effect)
    {
        var random = new Philox(2, "cli-alike");
        File.WriteAllLines(At("alike.csv"), ["x,arm,y", .. Enumerable.Range(0, 150).SelectMany(_ =>
        {
            var (x, noise) = (random.Normal(), random.Normal());
            return Enumerable.Range(0, 2).Select(treated => string.Create(CultureInfo.InvariantCulture, $"{x},{treated}.0,{effect * treated + x + noise}"));
        })]);
        return Asked("alike.csv", "0") with { Learner = "t" };
    }

    private EffectsPlan Asked(string file, string control) =>
        new() { Data = At(file), Treatment = "arm", Control = control, Outcome = "y", Propensity = "0.5", Learner = "x", Out = At("e.csv"), Report = At("r.json") };

    [Fact]
    public void Progress_is_a_line_when_the_step_changes_and_every_few_seconds()
    {
        var (clock, before, error) = (new Looper.Testing.TestClock(), System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            var lines = new Looper.Web.Commands.Effects.ProgressLines(clock);
            for (var i = 0; i < 100; i++, clock.Turn(TimeSpan.FromMilliseconds(100))) lines.Say("a", i < 50 ? "one" : "two", i / 100.0);
        }
        finally
        {
            System.Console.SetError(before);
        }
        Assert.Equal(["a: one (0%)", "a: two (50%)"], error.ToString().Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries));
    }

    [Theory]
    [InlineData("--propensity", "0.5", "--propensity: one number is the chance of one treatment")]
    [InlineData("--learner", "z", "--learner: 'z' is none of auto, s, t, x, r, dr, risk, forest, bcf.")]
    [InlineData("--better", "more", "--better: 'more' is neither higher nor lower.")]
    [InlineData("--features", "absent", "--features: the file has no column 'absent'.")]
    [InlineData("--propensity", "x", "--propensity:")]
    [InlineData("--test-rows", "/absent", "--test-rows: there is no file /absent.")]
    public async Task Bad_arguments_are_named(string option, string value, string sentence)
    {
        var (code, error) = await EffectsAsync(option, value);
        Assert.Equal(2, code);
        Assert.Contains(sentence, error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("row\n3\nthird\n", "--test-rows: 'third' in line 3 is no row number")]
    [InlineData("-3\n", "--test-rows: '-3' in line 1 is no row number")]
    public async Task Rows_that_are_none_are_not_passed_over(string rows, string says)
    {
        File.WriteAllText(At("rows.txt"), rows);
        var (code, error) = await EffectsAsync("--test-rows", At("rows.txt"));
        Assert.Equal(2, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_column_of_words_is_not_read_as_numbers_and_an_empty_outcome_is_named()
    {
        string[] arguments = ["effects", "--data", At("few.csv"), "--treatment", "t", "--control", "0", "--outcome", "y", "--out", At("e.csv"), "--report", At("r.json")];
        File.WriteAllLines(At("few.csv"), ["t,y,x,word", "0,,1,red", "1,,2,blue"]);
        Assert.Contains("--numeric: 'red' in row 0 is not a number", (await RunAsync([.. arguments, "--numeric", "word"])).Error, StringComparison.Ordinal);
        Assert.Contains("--outcome: column 'y' is empty in every row", (await RunAsync(arguments)).Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_effect_is_told_of_an_outcome_that_is_the_same_in_every_row()
    {
        File.WriteAllLines(At("same.csv"), ["t,y,x", .. Enumerable.Range(0, 60).Select(i => $"{i % 2},3,{i}")]);
        var (code, error) = await RunAsync("effects", "--data", At("same.csv"), "--treatment", "t", "--control", "0", "--outcome", "y", "--out", At("e.csv"), "--report", At("r.json"));
        Assert.Equal(2, code);
        Assert.Contains("--outcome: 'y' is 3 in every row to learn from with '1' or the control", error, StringComparison.Ordinal);
    }

    [Fact] // in one draw of eight nobody is treated, so no error can be told
    public async Task A_score_is_not_judged_where_hardly_anybody_was_treated()
    {
        File.WriteAllLines(At("few.csv"), ["score,arm,y", .. Enumerable.Range(0, 100).Select(i => string.Create(CultureInfo.InvariantCulture, $"{100 - i},{(i is 0 or 50 ? "a" : "n")},{(i % 3 == 0 ? 1 : 0)}"))]);
        var (code, said) = await RunAsync("uplift", "--data", At("few.csv"), "--score", "score", "--treatment", "arm", "--control", "n", "--outcome", "y", "--out", At("u.json"));
        Assert.Equal(0, code);
        Assert.Contains("Too few rows of an arm to tell", said, StringComparison.Ordinal);
        Assert.DoesNotContain("ranks", said, StringComparison.Ordinal);
    }

    [Fact] // effects by a column named as matrices of indicators are; what falls where it rises is treated where it is low
    public void A_column_with_brackets_stays_a_number_and_a_rule_may_be_asked_to_lower_the_outcome()
    {
        var lines = File.ReadAllLines(Units(360));
        File.WriteAllLines(At("units.csv"), ["e[3],kind,arm,y,p,split,score", .. lines.Skip(1).Where(l => !l.Contains(",b,", StringComparison.Ordinal))]);
        var asked = Asked("units.csv", "n") with { Features = ["e[3]"] };
        var ((higher, more), (lower, less)) = (Compared(asked), Compared(asked with { LowerIsBetter = true }));
        JsonElement Root(JsonElement arm) => arm.GetProperty("rule").GetProperty("policy").GetProperty("root");
        Assert.Equal("e[3]", Root(higher).GetProperty("feature").GetString());
        Assert.True(Root(higher).TryGetProperty("atMost", out var cut) && double.IsFinite(cut.GetDouble()) && !Root(higher).TryGetProperty("lacks", out _));
        // the truth: 2·x, so about half are treated to raise it, and the others to lower it
        Assert.Equal(higher.GetProperty("ate").GetDouble(), lower.GetProperty("ate").GetDouble());
        string Lowest(JsonElement node) => node.TryGetProperty("option", out var option) && option.ValueKind == JsonValueKind.String ? option.GetString()! : Lowest(node.GetProperty("then"));
        Assert.Equal(("n", "a"), (Lowest(Root(higher)), Lowest(Root(lower))));
        Assert.True(lower.GetProperty("rule").GetProperty("overNone").GetProperty("value").GetDouble() > 0);
        Assert.Contains("More y counts as better; --better lower turns that round.", more, StringComparison.Ordinal);
        Assert.Contains("Less y counts as better.", less, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_score_is_judged_for_two_arms()
    {
        File.WriteAllLines(At("two.csv"), [.. File.ReadAllLines(Units()).Where(l => !l.Contains(",b,", StringComparison.Ordinal))]);
        string[] arguments = ["--score", "score", "--treatment", "arm", "--control", "n", "--outcome", "y", "--out", At("u.json")];
        var (refused, error) = await RunAsync(["uplift", "--data", At("units.csv"), .. arguments]);
        Assert.Equal(2, refused);
        Assert.Contains("Keep the rows of two arms", error, StringComparison.Ordinal);
        var (done, said) = await RunAsync(["uplift", "--data", At("two.csv"), .. arguments]);
        Assert.Equal(0, done);
        Assert.Contains("Qini ", said, StringComparison.Ordinal);
        Assert.Contains("The score ranks better than chance.", said, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("u.json")));
        Assert.True(report.RootElement.GetProperty("qini").GetDouble() > 3 * report.RootElement.GetProperty("qiniStandardError").GetDouble());
        Assert.True(report.RootElement.GetProperty("upliftTop10").GetDouble() > report.RootElement.GetProperty("upliftTop30").GetDouble());
    }

    [Fact] // by hand: weights 2·(1, 0, 1, 0) for "always b" in an even log
    public async Task A_policy_is_valued_from_a_log()
    {
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b,q_x,q_b", "b,1,0.5,0,1,0.2,0.6", "x,1,0.5,0,1,0.2,0.6", "b,0,0.5,0,1,0.2,0.6", "x,0,0.5,0,1,0.2,0.6"]);
        string[] arguments = ["off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json")];
        var (code, said) = await RunAsync([.. arguments, "--reward-model-columns", "q_"]);
        Assert.Equal(0, code);
        Assert.Contains("The policy would earn 0.5 a row (", said, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        double Of(string name) => report.RootElement.GetProperty("estimators").GetProperty(name).GetProperty("estimate").GetDouble();
        Assert.Equal(0.5, Of("ips"), 1e-12);
        Assert.Equal(0.6, Of("dm"), 1e-12);
        Assert.Equal(0.6 + (2 * 0.4 - 2 * 0.6) / 4, Of("dr"), 1e-12);
        Assert.Equal(2 / 1.1 / 4, Of("sg_ips_0.1"), 1e-12);
        Assert.Equal(0.6 + 2 / 1.1 * (0.4 - 0.6) / 4, Of("sg_dr_0.1"), 1e-12);
        Assert.Equal(2, report.RootElement.GetProperty("ess").GetDouble(), 1e-12);
    }

    [Fact] // b is bought 0.4 and 0.8 times in turn, of which the model says half; b was tried one time in five
    public async Task Predictions_that_are_off_are_fitted_anew_for_the_least_variance()
    {
        var random = new Random(4);
        string[] rows = [.. Enumerable.Range(0, 4_000).Select(i =>
        {
            var (b, mean) = (random.NextDouble() < 0.2, i % 2 == 0 ? 0.4 : 0.8);
            var bought = random.NextDouble() < (b ? mean : 0.1) ? 1 : 0;
            return FormattableString.Invariant($"{(b ? "b" : "x")},{bought},{(b ? 0.2 : 0.8)},0,1,0.05,{mean / 2}");
        })];
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b,q_x,q_b", .. rows]);
        var (code, error) = await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--reward-model-columns", "q_", "--out", At("o.json"));
        Assert.True(code == 0, error);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        double Of(string name, string figure) => report.RootElement.GetProperty("estimators").GetProperty(name).GetProperty(figure).GetDouble();
        Assert.Equal(0.6, Of("mrdr", "estimate"), 4 * Of("mrdr", "se"));
        // deviations of a row: √(0.04 + 5·E[m(1 − m)]) = √1.04 with the model as it is to be, √1.44 with half of it
        Assert.Equal(Math.Sqrt(1.04 / 4_000), Of("mrdr", "se"), 0.1 * Math.Sqrt(1.04 / 4_000));
        Assert.True(Of("mrdr", "se") < 0.93 * Of("dr", "se"), $"{Of("mrdr", "se")} {Of("dr", "se")}");
    }

    [Fact] // every row twice, of one unit: worth as much as once
    public async Task Rows_of_one_unit_count_once_where_a_column_says_whose_they_are()
    {
        string[] rows = ["b,1,0.5,0,1", "x,1,0.5,0,1", "b,0,0.5,0,1", "x,0,0.5,0,1"];
        async Task<(double Error, string Independent, string Said)> Run(IEnumerable<string> lines, params string[] more)
        {
            File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b,who", .. lines]);
            var (code, said) = await RunAsync(["off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"), .. more]);
            Assert.Equal(0, code);
            using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
            return (report.RootElement.GetProperty("estimators").GetProperty("ips").GetProperty("se").GetDouble(), report.RootElement.GetProperty("independent").GetString()!, said);
        }
        var once = await Run(rows.Select((row, i) => $"{row},u{i}"));
        var twice = rows.SelectMany((row, i) => new[] { $"{row},u{i}", $"{row},u{i}" }).ToArray();
        var (told, untold) = (await Run(twice, "--unit", "who"), await Run(twice));
        Assert.Equal(once.Error, told.Error, 1e-12);
        Assert.Equal(("rows", "4 units"), (untold.Independent, told.Independent));
        Assert.True(untold.Error < 0.8 * told.Error);
        Assert.Contains("worth those of 2 units", told.Said, StringComparison.Ordinal);
        Assert.Contains("Rows count as independent.", untold.Said, StringComparison.Ordinal);
        Assert.DoesNotContain("Rows count as independent.", told.Said, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_the_log_never_tried_has_no_value()
    {
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b", "x,1,0.5,0.5,0.5", "x,0,0.5,0.5,0.5", "x,0,0.5,0.5,0.5"]);
        Assert.Equal(0, (await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"))).Code);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("estimators").GetProperty("ips").GetProperty("estimate").ValueKind);
        Assert.False(report.RootElement.GetProperty("overlap").GetProperty("ok").GetBoolean());
    }

    [Fact] // men always got x and women b: what the others would have done is not in the log, and those who happen to agree are not everybody
    public async Task Where_the_answer_was_certain_another_has_no_value()
    {
        string[] rows = [.. Enumerable.Range(0, 400).Select(i => i % 2 == 0 ? $"x,{i / 2 % 2},1,1,0" : $"b,{i / 2 % 2},1,1,0")];
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b", .. rows]);
        var (code, said) = await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"));
        Assert.Equal(0, code);
        Assert.Contains("No value can be told", said, StringComparison.Ordinal);
        Assert.Contains("50.0% of what the policy would do was never tried", said, StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        Assert.Equal(JsonValueKind.Null, report.RootElement.GetProperty("estimators").GetProperty("snips").GetProperty("estimate").ValueKind);
    }

    [Fact]
    public async Task A_policy_that_no_row_followed_has_no_value_with_a_model_either()
    {
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b,q_x,q_b", "x,1,0.5,0,1,0.2,0.6", "b,0,0.5,1,0,0.2,0.6", "x,0,0.5,0,1,0.2,0.6"]);
        Assert.Equal(0, (await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--reward-model-columns", "q_", "--out", At("o.json"))).Code);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        Assert.All(report.RootElement.GetProperty("estimators").EnumerateObject(), e => Assert.Equal((JsonValueKind.Null, "no-overlap"), (e.Value.GetProperty("estimate").ValueKind, e.Value.GetProperty("refused").GetString())));
        Assert.Equal("None of these rows took what the policy would do: no value can be told.", report.RootElement.GetProperty("overlap").GetProperty("warnings").EnumerateArray().Single().GetString());
    }

    [Theory]
    [InlineData("x,1,0.5,1,-0.8", "--policy-columns: -0.8 in row 0 of column 'pi_b' is no probability")]
    [InlineData("x,1,0.5,2,0", "--policy-columns: 2 in row 0 of column 'pi_x' is no probability")]
    [InlineData("x,1,0.5,0.2,0.2", "--policy-columns: those of row 0 add up to 0.4")]
    [InlineData("x,1,1e-320,1,0", "is too small to weight a row by")]
    [InlineData("x,1,0.5,1", "Line 2: it has 4 cells where the header has 5")]
    [InlineData("x,1,0.5,1,\"0", "A quote that opens in line 2 is never closed")]
    public async Task A_log_that_cannot_be_is_refused_with_its_column(string row, string says)
    {
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_b", row, "b,0,0.5,0.5,0.5"]);
        var (code, error) = await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"));
        Assert.Equal(2, code);
        Assert.Contains(says, error, StringComparison.Ordinal);
    }

    [Theory, InlineData("--data"), InlineData("--nonsense")]
    public async Task Arguments_that_are_wrong_cost_one_line_and_end_with_2(string argument)
    {
        var (code, error) = await RunAsync("off-policy", argument);
        Assert.Equal(2, code);
        Assert.Single(error.Trim().Split('\n'));
    }

    [Fact]
    public async Task A_column_that_is_there_twice_is_refused()
    {
        File.WriteAllLines(At("log.csv"), ["a,r,p,pi_x,pi_x", "x,1,0.5,1,0"]);
        var (code, error) = await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"));
        Assert.Equal(2, code);
        Assert.Contains("two columns 'pi_x'", error, StringComparison.Ordinal);
    }

    [Fact] // two rankings of two places, the rows out of order: weights 2, 1 and 0.5, 1
    public async Task Rankings_are_valued_place_by_place()
    {
        File.WriteAllLines(At("log.csv"), ["list,place,a,r,p,pi_x,pi_y", "2,1,y,1,0.5,0.75,0.25", "1,2,y,1,0.5,0.5,0.5", "1,1,x,3,0.25,0.5,0.5", "2,2,x,2,0.5,0.5,0.5"]);
        string[] arguments = ["off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"), "--slate", "list"];
        var (code, error) = await RunAsync(arguments);
        Assert.Equal(2, code);
        Assert.Contains("--slate: rankings need an order", error, StringComparison.Ordinal);
        (code, error) = await RunAsync([.. arguments, "--position", "place"]);
        Assert.True(code == 0, error);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        double Of(string name) => report.RootElement.GetProperty("estimators").GetProperty(name).GetProperty("estimate").GetDouble();
        Assert.Equal((2 * 4 + 0.5 * 3) / 2, Of("ips"), 1e-12);
        Assert.Equal((2 * 3 + 1 + 0.5 + 2) / 2, Of("iips"), 1e-12);
        Assert.Equal((2 * 3 + 2 * 1 + 0.5 + 0.5 * 2) / 2, Of("rips"), 1e-12);
        Assert.Equal((2 * 4 + 0.5 * 3) / 2, Of("pi"), 1e-12);
        Assert.Equal(2, report.RootElement.GetProperty("rankings").GetInt32());
    }

    [Fact] // each ranking has one place as the policy has it: none both
    public async Task Rankings_that_none_followed_as_a_whole_are_valued_by_their_places()
    {
        File.WriteAllLines(At("log.csv"), ["list,place,a,r,p,pi_x,pi_y", "1,1,x,3,0.5,1,0", "1,2,x,1,0.5,0,1", "2,1,y,2,0.5,1,0", "2,2,y,1,0.5,0,1"]);
        var (code, error) = await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"), "--slate", "list", "--position", "place");
        Assert.True(code == 0, error);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("o.json")));
        JsonElement Of(string name) => report.RootElement.GetProperty("estimators").GetProperty(name);
        Assert.Equal((JsonValueKind.Null, "no-overlap"), (Of("ips").GetProperty("estimate").ValueKind, Of("ips").GetProperty("refused").GetString()));
        Assert.Equal((2 * 3 + 2 * 1) / 2.0, Of("iips").GetProperty("estimate").GetDouble(), 1e-12);
        Assert.Equal(2 * 3 / 2.0, Of("rips").GetProperty("estimate").GetDouble(), 1e-12);
        Assert.Equal((1 * 4 + 1 * 3) / 2.0, Of("pi").GetProperty("estimate").GetDouble(), 1e-12);
        var overlap = report.RootElement.GetProperty("overlap");
        Assert.False(overlap.GetProperty("ok").GetBoolean());
        Assert.Contains("ips would need it, so it has no value", overlap.GetProperty("warnings").EnumerateArray().Single().GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_items_at_one_place_are_no_ranking()
    {
        File.WriteAllLines(At("log.csv"), ["list,place,a,r,p,pi_x,pi_y", "1,1,x,1,0.5,0.5,0.5", "1,1,x,0,0.5,0.5,0.5"]);
        var (code, error) = await RunAsync("off-policy", "--data", At("log.csv"), "--action", "a", "--reward", "r", "--propensity", "p", "--policy-columns", "pi_", "--out", At("o.json"), "--slate", "list", "--position", "place");
        Assert.Equal(2, code);
        Assert.Contains("--position: ranking '1' has two items at place 1", error, StringComparison.Ordinal);
    }
}
