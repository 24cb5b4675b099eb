namespace Looper.Client.Tests;

public sealed class OptionsTests
{
    private static LooperClientOptions Good => new() { Url = "http://127.0.0.1:1", ApiKey = Clients.Key };

    [Theory]
    [InlineData("ftp://looper")]
    [InlineData("looper:5000")]
    [InlineData("/v1")]
    [InlineData("http://looper?x=1")]
    public void An_address_that_cannot_work_throws_at_the_start(string url) => Throws("Url", new() { Url = url, ApiKey = Clients.Key });

    [Theory, InlineData("lpr one"), InlineData("lpr_one\n"), InlineData("lpr_é")]
    public void A_key_that_no_header_can_carry_throws_at_the_start(string key) => Throws("ApiKey", new() { Url = Good.Url, ApiKey = key });

    [Fact]
    public void Numbers_out_of_range_throw_at_the_start()
    {
        var (url, key) = (Good.Url, Good.ApiKey);
        foreach (var budget in new[] { TimeSpan.Zero, TimeSpan.FromSeconds(-1), TimeSpan.FromSeconds(61) }) Throws("Budget", new() { Url = url, ApiKey = key, Budget = budget });
        foreach (var every in new[] { TimeSpan.FromMilliseconds(9), TimeSpan.FromHours(2) }) Throws("FlushEvery", new() { Url = url, ApiKey = key, FlushEvery = every });
        foreach (var within in new[] { TimeSpan.FromSeconds(-1), TimeSpan.FromHours(2) }) Throws("CloseWithin", new() { Url = url, ApiKey = key, CloseWithin = within });
        foreach (var limit in new[] { 0, 10_000_001 }) Throws("SpoolLimit", new() { Url = url, ApiKey = key, SpoolLimit = limit });
        foreach (var size in new[] { 0, 1_001 }) Throws("BatchSize", new() { Url = url, ApiKey = key, BatchSize = size });
        foreach (var directory in new[] { " ", "a\0b" }) Throws("SpoolDirectory", new() { Url = url, ApiKey = key, SpoolDirectory = directory });
    }

    [Fact]
    public async Task Address_and_key_come_from_the_environment_where_they_are_not_given()
    {
        Throws("Url", new() { ApiKey = Clients.Key }); // no test of this program sets it but this one
        Throws("ApiKey", new() { Url = Good.Url });
        await using var looper = new FaultyLooper();
        Environment.SetEnvironmentVariable("LOOPER_URL", looper.Url);
        Environment.SetEnvironmentVariable("LOOPER_API_KEY", "lpr_from_environment");
        try
        {
            await using var client = new LooperClient();
            Assert.False((await client.DecideAsync("p", "u", "none", budget: TimeSpan.FromSeconds(20))).IsFallback);
            Assert.Equal("lpr_from_environment", Assert.Single(looper.Calls).Header("X-Api-Key"));
        }
        finally
        {
            Environment.SetEnvironmentVariable("LOOPER_URL", null);
            Environment.SetEnvironmentVariable("LOOPER_API_KEY", null);
        }
    }

    [Fact]
    public async Task Presets_are_those_of_the_readme()
    {
        await using var client = new LooperClient(Good);
        var options = new LooperClientOptions();
        Assert.Equal((250, 1_000, 5_000), (options.Budget.TotalMilliseconds, options.FlushEvery.TotalMilliseconds, options.CloseWithin.TotalMilliseconds));
        Assert.Equal((100_000, 500, null), (options.SpoolLimit, options.BatchSize, options.SpoolDirectory));
    }

    private static void Throws(string option, LooperClientOptions options)
    {
        var fault = Assert.Throws<ArgumentException>(() => new LooperClient(options));
        Assert.StartsWith(option + ": ", fault.Message, StringComparison.Ordinal);
        Assert.Matches("(Give|Leave|Copy|Name) [^.]+", fault.Message); // the way out
    }
}
