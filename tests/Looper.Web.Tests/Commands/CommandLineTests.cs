using Looper.Web.Commands;

namespace Looper.Web.Tests.Commands;

[Collection("console")]
public sealed class CommandLineTests
{
    [Theory] // a misspelt option would be one that was not given: other settings, other figures, and no word of it
    [InlineData("learn --data d.csv --label y --task binary --out p.csv --report r.json --learning-rte 0.1", "--learning-rte", "learn")]
    [InlineData("effects --data d.csv --treatment t --control c --outcome y --out e.csv --report r.json --propensty p", "--propensty", "effects")]
    [InlineData("uplift --data d.csv --score s --treatment t --control c --outcome y --out r.json extra", "extra", "uplift")]
    [InlineData("off-policy --data d.csv --action a --reward r --propensity p --policy-columns p_ --out r.json --units user", "--units", "off-policy")]
    [InlineData("optimize --space s.json --trails 5", "--trails", "optimize")]
    [InlineData("replay --decision-point p --data d.csv --feature a", "--feature", "replay")]
    [InlineData("import --decision-point p --data d.csv --option o --propensities uniform", "--propensities", "import")]
    [InlineData("apply looper.yaml --dry-run", "--dry-run", "apply")]
    [InlineData("plan looper.yaml --note n", "--note", "plan")]
    public async Task An_option_that_a_command_has_not_is_refused(string line, string unknown, string command) =>
        Assert.Equal((2, $"Unknown argument '{unknown}' of {command}. Ask for --help."), await RunAsync(line));

    [Theory]
    [InlineData("replay --decision-point p --data /dev/null", null, "LOOPER_API_KEY is not set. Create a key that may decide and observe, and put it there.")]
    [InlineData("import --decision-point p --option o --data /dev/null", "lpr_one\nlpr_two", "LOOPER_API_KEY holds more than a key: give the one line that begins with lpr_.")]
    [InlineData("replay --decision-point p --data /dev/null", "lpr_one\nlpr_two", "LOOPER_API_KEY holds more than a key: give the one line that begins with lpr_.")]
    [InlineData("replay --decision-point p --data /dev/null", "lpr_one\n", "--data: /dev/null has no header.")]
    public async Task What_cannot_be_sent_is_said_in_one_line(string line, string? key, string said)
    {
        Environment.SetEnvironmentVariable("LOOPER_API_KEY", key);
        try
        {
            Assert.Equal((2, said), await RunAsync(line));
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOOPER_API_KEY", null);
        }
    }

    private static async Task<(int Code, string Error)> RunAsync(string line)
    {
        var (before, error) = (System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            return (await CommandLine.RunAsync(line.Split(' '), _ => throw new InvalidOperationException()), error.ToString().TrimEnd());
        }
        finally
        {
            System.Console.SetError(before);
        }
    }
}
