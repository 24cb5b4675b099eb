using Looper.Web.Commands;
using Looper.Web.Tests.Hosting;

namespace Looper.Web.Tests.Commands;

[Collection("console")]
public sealed class SettingNamesTests
{
    [Theory, InlineData("Looper:DataDirectory"), InlineData("looper:limits:bodybytes"), InlineData("Looper:Jobs:Poll"), InlineData("urls"), InlineData("environment"), InlineData("Logging:LogLevel:Default"), InlineData("Kestrel:Endpoints:A:Url")]
    public void What_Looper_or_its_host_reads_is_a_setting(string name) => Assert.Null(SettingNames.Fault(name));

    [Theory]
    [InlineData("Looper:DataDirectroy", "There is no option or setting 'Looper:DataDirectroy'. Did you mean Looper:DataDirectory?")]
    [InlineData("Looper:Limits:BodyByte", "There is no option or setting 'Looper:Limits:BodyByte'. Did you mean Looper:Limits:BodyBytes?")]
    [InlineData("url", "There is no option or setting 'url'. Did you mean urls?")]
    [InlineData("Looper:Limit", "There is no option or setting 'Looper:Limit'.")]
    public void What_nobody_reads_is_none(string name, string said) => Assert.Equal(said, SettingNames.Fault(name));

    [Theory] // each would be done otherwise than meant: without the erasures, and in another directory
    [InlineData("restore", "--from", "/nowhere", "--erasure=/old")]
    [InlineData("restore", "--from", "/nowhere", "--erasure", "/old")]
    [InlineData("backup", "--to", "/nowhere", "--Looper:DataDirectroy=/data")]
    [InlineData("serve", "--Looper:DataDirectroy=/data", "--demo", "--port=80")]
    public async Task A_misspelt_option_is_refused_and_nothing_is_done(params string[] arguments)
    {
        var (before, error) = (System.Console.Error, new StringWriter());
        System.Console.SetError(error);
        try
        {
            Assert.Equal(2, await CommandLine.RunAsync(arguments, _ => throw new InvalidOperationException()));
        }
        finally
        {
            System.Console.SetError(before);
        }
        Assert.StartsWith("There is no option or setting '", Assert.Single(error.ToString().TrimEnd().Split('\n')), StringComparison.Ordinal);
    }

    [Fact] // not refused: an older version must start in the environment of a newer one
    public async Task A_misspelt_setting_of_the_environment_is_told_in_the_log()
    {
        await using var looper = new LooperApp(logs: true);
        await looper.StopAsync();
        Environment.SetEnvironmentVariable("Looper__Limits__BodyByte", "70000");
        try
        {
            await looper.RestartAsync();
            _ = looper.Services;
        }
        finally
        {
            Environment.SetEnvironmentVariable("Looper__Limits__BodyByte", null);
        }
        await looper.StopAsync();
        var log = string.Concat(Directory.EnumerateFiles(Path.Combine(looper.DataDirectory, "logs")).Select(File.ReadAllText));
        Assert.Contains("start.setting-unknown: There is no option or setting 'Looper:Limits:BodyByte'. Did you mean Looper:Limits:BodyBytes?", log, StringComparison.Ordinal);
    }
}
