using System.Globalization;
using System.Text.Json;
using Looper.Web.Commands;

namespace Looper.Web.Tests.Commands;

[Collection("console")] // what is written to it goes to whoever listens last
public sealed class LearnCommandTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("learn-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private string At(string name) => Path.Combine(_directory, name);

    private async Task<(int Code, string Error)> LearnAsync(params string[] arguments)
    {
        var (before, error) = (System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            var code = await CommandLine.RunAsync(["learn", .. arguments, "--out", At("p.csv"), "--report", At("r.json")], _ => throw new InvalidOperationException());
            return (code, error.ToString());
        }
        finally
        {
            System.Console.SetError(before);
        }
    }

    private string Examples(int rows = 400)
    {
        var lines = Enumerable.Range(0, rows).Select(i =>
        {
            var (x, group) = ((i * 37 % 101) / 100.0, "abc"[i % 3]);
            var y = x + (group == 'b' ? 0.5 : 0);
            return string.Create(CultureInfo.InvariantCulture, $"{(i % 10 == 0 ? "" : x)},{group},{(y > 0.6 ? "yes" : "no")},{y},{(i % 4 == 3 ? "test" : "train")},{"low mid high".Split(' ')[(int)Math.Min(2, y * 2)]}");
        });
        File.WriteAllLines(At("data.csv"), ["x,group,label,value,split,class", .. lines]);
        return At("data.csv");
    }

    [Fact]
    public async Task Test_rows_get_the_probability_of_the_greater_label()
    {
        var (code, _) = await LearnAsync("--data", Examples(), "--label", "label", "--task", "binary", "--split-column", "split", "--drop", "value,class", "--trees", "30", "--leaves", "4");
        Assert.Equal(0, code);
        var lines = await File.ReadAllLinesAsync(At("p.csv"));
        Assert.Equal("row,prediction", lines[0]);
        Assert.Equal(101, lines.Length);
        Assert.StartsWith("3,", lines[1], StringComparison.Ordinal);
        using var report = JsonDocument.Parse(await File.ReadAllTextAsync(At("r.json")));
        Assert.Equal("boosting", report.RootElement.GetProperty("family").GetString());
        Assert.Equal(30, report.RootElement.GetProperty("parameters").GetProperty("trees").GetInt32());
        Assert.InRange(report.RootElement.GetProperty("metrics").GetProperty("auc").GetDouble(), 0.95, 1);
        Assert.True(report.RootElement.GetProperty("peakBytes").GetInt64() > 0);
    }

    [Theory] // as numpy.savetxt writes them; mistyped; none at all
    [InlineData("1.7e+01\n1.8e+01", "line 1, '1.7e+01', is no row number.")]
    [InlineData("row\n3\n12.0", "line 3, '12.0', is no row number.")]
    [InlineData("row\n", "names no row.")]
    public async Task Test_rows_that_cannot_be_read_are_refused(string text, string why)
    {
        await File.WriteAllTextAsync(At("rows.txt"), text);
        var (code, error) = await LearnAsync("--data", Examples(), "--label", "label", "--task", "binary", "--test-rows", At("rows.txt"));
        Assert.Equal(2, code);
        Assert.Contains(why, error, StringComparison.Ordinal);
    }

    [Theory, InlineData("p.csv", "--out"), InlineData("r.json", "--report")]
    public async Task A_result_that_cannot_be_written_is_said_before_the_work(string name, string option)
    {
        Directory.CreateDirectory(At(name));
        var (code, error) = await LearnAsync("--data", Examples(), "--label", "label", "--task", "binary");
        Assert.Equal((2, $"{option}: {At(name)} is a folder. Name a file."), (code, error.TrimEnd()));
    }

    [Fact]
    public async Task A_column_that_is_there_twice_is_refused_as_nobody_knows_which_is_meant()
    {
        await File.WriteAllLinesAsync(At("twice.csv"), ["x,x,label", .. Enumerable.Range(0, 100).Select(i => $"{i},{-i},{i % 2}")]);
        var (code, error) = await LearnAsync("--data", At("twice.csv"), "--label", "label", "--task", "binary", "--trees", "3");
        Assert.Equal(2, code);
        Assert.Contains("two columns 'x'", error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Classes_get_a_column_each()
    {
        var (code, _) = await LearnAsync("--data", Examples(), "--label", "class", "--task", "multiclass", "--split-column", "split", "--drop", "value,label", "--trees", "10");
        Assert.Equal(0, code);
        Assert.Equal("row,p_high,p_low,p_mid", (await File.ReadAllLinesAsync(At("p.csv")))[0]);
    }

    [Fact]
    public async Task Rows_can_be_named_in_a_file_and_a_search_bounded_in_time()
    {
        await File.WriteAllLinesAsync(At("rows.csv"), ["row", "5", "7"]);
        var (code, _) = await LearnAsync("--data", Examples(), "--label", "value", "--task", "value", "--drop", "label,split,class", "--test-rows", At("rows.csv"), "--budget", "2");
        Assert.Equal(0, code);
        Assert.Equal(["row", "5", "7"], (await File.ReadAllLinesAsync(At("p.csv"))).Select(l => l.Split(',')[0]));
    }

    [Theory]
    [InlineData("--numeric", "group", "--numeric: 'a' in row 0 is not a number.")]
    [InlineData("--test-rows", "rows.csv", "--test-rows: --split-column says already which rows are for testing. Give one of them.")]
    public async Task What_would_be_passed_over_is_refused(string option, string value, string line)
    {
        var (code, error) = await LearnAsync("--data", Examples(), "--label", "label", "--task", "binary", "--split-column", "split", option, value);
        Assert.Equal((2, line), (code, error.TrimEnd()));
    }

    [Fact]
    public async Task A_file_that_cannot_be_read_is_named()
    {
        await File.WriteAllTextAsync(At("short.csv"), "x,label\n1,yes\n2\n");
        var (code, error) = await LearnAsync("--data", At("short.csv"), "--label", "label", "--task", "binary");
        Assert.Equal(2, code);
        Assert.StartsWith($"--data: {At("short.csv")} cannot be read. Line 3: ", error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--label", "missing", "--task", "binary", "--label: the file has no column 'missing'")]
    [InlineData("--label", "value", "--task", "binary", "--task binary needs a label with two values")]
    [InlineData("--label", "label", "--task", "guess", "--task: 'guess' is none of")]
    [InlineData("--label", "label", "--task", "value", "--label: 'no' in row 0 is not a number")]
    public async Task Bad_arguments_end_in_one_clear_line_and_code_2(string option1, string value1, string option2, string value2, string line)
    {
        var (code, error) = await LearnAsync("--data", Examples(), option1, value1, option2, value2);
        Assert.Equal(2, code);
        Assert.StartsWith(line, error, StringComparison.Ordinal);
        Assert.Single(error.Trim().Split('\n'));
    }
}
