using System.Text;
using Looper.Core.Blueprints;
using Looper.Core.Decisions;
using Looper.Core.Decisions.AsCode;
using static Looper.Testing.PointsFiles;

namespace Looper.Core.Tests.Decisions.AsCode;

public sealed class PointsFileTests
{
    [Fact]
    public void A_file_written_by_hand_needs_no_more_than_what_has_no_default()
    {
        var entry = Read(Tip).Entries.Single();
        Assert.Equal(("tip", null, null, null, null), (entry.DecisionPoint, entry.Name, entry.Description, entry.Version, entry.Hash));
        Assert.Empty(BlueprintRules.Check(entry.Blueprint));
        Assert.Equal(new BlueprintContent { Shape = DecisionShape.Binary, Default = "" }.Training.RetrainEvery, entry.Blueprint.Training.RetrainEvery);
    }

    [Fact]
    public void A_tab_is_told_by_the_line_it_stands_in()
    {
        var refusal = PointsFile.Read(Tip.Replace("    shape: binary", "\tshape: binary", StringComparison.Ordinal)).Refusal!;
        Assert.Equal("Line 4: a tab stands before the first word, which YAML does not take. Indent with spaces.", refusal.Reason);
    }

    [Fact]
    public void Every_fault_is_told_at_once_with_its_path_and_line()
    {
        var refusal = PointsFile.Read("""
            decisionPoints:
            - decisionPoint: checkout-banner
              version: seven
              blueprint:
                shape: choise
                default: none
                options:
                - key: no
                - key: 5
                features:
                - name: country
                  kind: category
                - name: cart
                  type: number
                durable: yes
                rollout: 0.5
                outcomes:
                - name: bought
                  kind: boolean
                  window: 7 days
                  absent: .inf
                policy:
                  kind: epsilon-gredy
                  epsilon: "0.1"
                training:
                  firstModelAt: 1.5
                  gate:
            - decisionPoint: checkout-banner
              blueprint: [a]
            """).Refusal!;
        Assert.Equal("configuration.invalid", refusal.Code);
        Assert.Equal(
        [
            "checkout-banner.version, line 3: a whole number is expected here, and `seven` is a text. Write a whole number without quotes, such as 10.",
            "checkout-banner.shape, line 5: there is no `choise`. Did you mean `choice`?",
            "checkout-banner.options[1].key, line 9: a text is expected here, and `5` without quotes is a number. Write \"5\".",
            "checkout-banner.features[1].type, line 14: there is no such field here. Use `name`, `kind`, `description`, `dimension`, `costPerThousand`, `isPersonal` or `derived`.",
            "checkout-banner.features[1], line 13: it lacks `kind`. Give `number`, `boolean`, `category`, `time`, `tags` or `vector`.",
            "checkout-banner.durable, line 15: yes or no is expected here, and `yes` is a text. Write `true` or `false`.",
            "checkout-banner.rollout, line 16: fields with their names are expected here, and this is a single value. Write them below it, each as `name: value`.",
            "checkout-banner.outcomes[0].window, line 20: `7 days` cannot be read here. Write a duration such as \"7d\", \"36h\", \"90m\" or \"45s\".",
            "checkout-banner.outcomes[0].absent, line 21: `.inf` is no finite number. Write one, such as 0.5.",
            "checkout-banner.policy.kind, line 23: there is no `epsilon-gredy`. Did you mean `epsilon-greedy`?",
            "checkout-banner.training.firstModelAt, line 26: `1.5` is no whole number, or is too large. Write one, such as 10.",
            "checkout-banner.training.gate, line 27: it is empty (`null`). Give a value, or remove the line.",
            "checkout-banner.blueprint, line 29: fields with their names are expected here, and this is a list. Write them below it, each as `name: value`.",
            "checkout-banner.decisionPoint, line 28: it is in the file twice, first in line 2. Remove one of them.",
        ], refusal.Faults.Select(f => f.Reason));
        Assert.StartsWith("14 things keep the file from being applied. The first: checkout-banner.version, line 3:", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("checkout-banner.outcomes[0].window", refusal.Faults.Select(f => f.Field));
    }

    [Fact]
    public void Broken_rules_of_one_decision_point_are_told_with_what_cannot_be_read_of_another()
    {
        var refusal = PointsFile.Read(Tip.Replace("- outcome: clicked", "- outcome: clickd", StringComparison.Ordinal) + "\n- decisionPoint: other\n").Refusal!;
        Assert.Equal(["other", "tip.goal.terms[0].outcome"], refusal.Faults.Select(f => f.Field));
        Assert.EndsWith("Did you mean `clicked`?", refusal.Faults[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_that_chance_damaged_is_read_or_refused_in_words()
    {
        var seed = int.Parse(Environment.GetEnvironmentVariable("LOOPER_TEST_SEED") ?? "5", System.Globalization.CultureInfo.InvariantCulture);
        var random = new Random(seed);
        var whole = BlueprintYaml.ExportAll([(new() { Key = "feed", Name = "Feed" }, new() { Version = 1, Hash = "h" }, Sample.Feed), (new() { Key = "settings", Name = "No: #1" }, new() { Version = 1, Hash = "h" }, Sample.Settings)], []);
        string[] pieces = ["\t", "\n", " ", "  ", "- ", ": ", "{", "}", "[", "]", "\"", "'", "#", "&a ", "*a", "!", "|", ">", "%", "@", "?", ",", "---\n", "...\n", "\0", "\u0085", "\ud83d", "\\", "~", "null", "<<: *a", "0x", "1e999"];
        var (read, refused) = (0, 0);
        for (var round = 0; round < 3_000; round++)
        {
            var text = new StringBuilder(whole);
            for (var cut = random.Next(1, 4); cut > 0; cut--)
            {
                var at = random.Next(text.Length);
                if (random.Next(2) == 0) text.Remove(at, Math.Min(random.Next(1, 12), text.Length - at));
                else text.Insert(at, pieces[random.Next(pieces.Length)]);
            }
            var file = PointsFile.Read(text.ToString());
            Assert.True(file.Refusal is null || file.Refusal.Reason.Length > 20, $"seed {seed}, round {round}");
            if (file.Refusal is null) read++;
            else refused++;
        }
        Assert.True(read > 100 && refused > 1_000, $"{read} read, {refused} refused");
    }

    [Fact]
    public void A_rule_that_is_broken_names_the_line_or_that_of_what_should_hold_it()
    {
        var file = Read(Tip);
        Assert.Equal("tip.outcomes[0].kind, line 8: Wrong. Mend it.", file.Blame(0, new("x", "outcomes[0].kind: Wrong. Mend it.", "outcomes[0].kind")).Reason);
        Assert.Equal("tip.goal.terms[0].weight, line 11: Wrong.", file.Blame(0, new("x", "Wrong.", "goal.terms[0].weight")).Reason);
        Assert.Equal("tip.decisionPoint, line 2: Wrong.", file.Blame(0, new("x", "Key: Wrong.", "key")).Reason.Replace("Key: ", "", StringComparison.Ordinal));
        Assert.Equal("tip.name, line 2: Wrong.", file.Blame(0, new("x", "Wrong.", "name")).Reason);
    }

    [Theory]
    [InlineData("", "The file is empty.")]
    [InlineData("# nothing but words\n", "The file is empty.")]
    [InlineData("a: [1, 2", "Line 2, column 1: this is not YAML.")]
    [InlineData("a: 1\nb: c: d\n", "Line 2, column 5: this is not YAML.")]
    [InlineData("a: 1\n\tb: 2", "Line 2: a tab stands before the first word")]
    [InlineData("a: !!str 5", "Line 1, column 4: the tag `tag:yaml.org,2002:str` is not taken.")]
    [InlineData("a: !python/object:x {}", "Line 1, column 4: the tag `!python/object:x` is not taken.")]
    [InlineData("a: 1\nb: 2\na: 3\n", "Line 3, column 1: `a` is there twice, first in line 1.")]
    [InlineData("a: 1\n---\nb: 2\n", "Line 2, column 1: a second document begins.")]
    [InlineData("a: *b", "Line 1, column 4: the alias `*b` repeats what has no name")]
    [InlineData("a: &a [*a]", "Line 1, column 8: the alias `*a` repeats what has no name")]
    [InlineData("a: !!x%20y z", "Line 1, column ")]
    [InlineData("a: !<%20> z", "Line 1, column ")]
    [InlineData("a: \"\\UFFFFFFFF\"", "Line 1, column ")]
    [InlineData("? [a]\n: b", "Line 1, column 3: the name of a field must be one word.")]
    public void What_cannot_be_read_is_refused_with_line_and_column(string yaml, string begins)
    {
        var refusal = PointsFile.Read(yaml).Refusal!;
        Assert.Equal("configuration.malformed", refusal.Code);
        Assert.StartsWith(begins, refusal.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("5")]
    [InlineData("decisionPoints: 5")]
    [InlineData("decisionPoints: []\nothers: []")]
    [InlineData("points: []")]
    public void A_file_of_something_else_is_refused(string yaml) => Assert.Contains("must hold `decisionPoints:` and a list", PointsFile.Read(yaml).Refusal!.Reason, StringComparison.Ordinal);

    [Fact]
    public void R8_a_file_that_would_not_end_is_refused_before_it_is_built()
    {
        var bomb = "a: &a [x,x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\nc: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\nd: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\ne: [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n";
        Assert.Contains("line 4", PointsFile.Read(bomb).Refusal!.Reason.ToLowerInvariant(), StringComparison.Ordinal);
        Assert.Contains("10,000 values", PointsFile.Read(bomb).Refusal!.Reason, StringComparison.Ordinal);
        Assert.Contains("10,000 values", PointsFile.Read("[" + string.Concat(Enumerable.Repeat("a,", 20_000)) + "]").Refusal!.Reason, StringComparison.Ordinal);
        Assert.Contains("32 levels deep", PointsFile.Read(new string('[', 1_000_000)).Refusal!.Reason, StringComparison.Ordinal);
        Assert.Contains("32 levels deep", PointsFile.Read(string.Concat(Enumerable.Repeat("- ", 400_000))).Refusal!.Reason, StringComparison.Ordinal);
        Assert.Equal("configuration.too-large", PointsFile.Read("#" + new string('x', PointsFile.MaxBytes)).Refusal!.Code);
        Assert.Equal("configuration.too-large", PointsFile.Read(new string('é', (PointsFile.MaxBytes / 2) + 1)).Refusal!.Code);
        Assert.Equal("configuration.malformed", PointsFile.Read("#" + new string('x', PointsFile.MaxBytes - 1)).Refusal!.Code);
    }

    [Fact]
    public void A_rule_that_aliases_nest_too_deeply_is_refused()
    {
        var rule = "{option: b}";
        for (var i = 20; i > 0; i--) rule = $"{{feature: f, atMost: 1, then: &n{i} {(i == 1 ? "{option: a}" : $"{{feature: f, atMost: 1, then: *n{i - 1}, else: {{option: b}}}}")}, else: {rule}}}";
        var refusal = PointsFile.Read(Tip.Replace("kind: random", $"kind: tree\n      root: {rule}", StringComparison.Ordinal)).Refusal!;
        Assert.Contains("tip.policy, line 12: ", refusal.Reason, StringComparison.Ordinal);
        Assert.Contains("depth", refusal.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mark_at_the_begin_and_the_line_ends_of_windows_are_taken()
    {
        var windows = Tip.ReplaceLineEndings("\r\n");
        Assert.Equal("tip", PointsFile.Read([0xEF, 0xBB, 0xBF, .. Encoding.UTF8.GetBytes(windows)]).Value!.Entries.Single().DecisionPoint);
        Assert.Contains("tip.shape, line 4:", PointsFile.Read(windows.Replace("binary", "bynary", StringComparison.Ordinal)).Refusal!.Reason, StringComparison.Ordinal);
    }

    [Theory, InlineData(new byte[] { 0x61, 0x3A, 0x20, 0xE9 }), InlineData(new byte[] { 0xFF, 0xFE, 0x61, 0x00 })]
    public void What_is_not_utf8_is_refused(byte[] bytes) => Assert.StartsWith("The file is not UTF-8: byte ", PointsFile.Read(bytes).Refusal!.Reason, StringComparison.Ordinal);

    [Fact]
    public void An_alias_repeats_what_it_names() =>
        Assert.Equal(TimeSpan.FromDays(3), Read(Tip.Replace("kind: boolean", "kind: boolean\n      window: &w \"3d\"", StringComparison.Ordinal) + "\n    training:\n      gate:\n        freshFor: *w\n").Entries.Single().Blueprint.Training.Gate.FreshFor);

    [Fact]
    public void Hexadecimal_and_octal_numbers_and_capital_words_are_those_of_the_core_schema()
    {
        var training = Read(Tip + "\n    training:\n      firstModelAt: 0x1F4\n      searchSeconds: 0o17\n      isOn: False\n      retrainEvery: ~\n").Entries.Single().Blueprint.Training;
        Assert.Equal((500, 15, false, null), (training.FirstModelAt, training.SearchSeconds, training.IsOn, training.RetrainEvery));
    }

    private static PointsFile Read(string yaml) => PointsFile.Read(yaml) is { Value: { } file } ? file : throw new InvalidOperationException(PointsFile.Read(yaml).Refusal!.Reason);
}
