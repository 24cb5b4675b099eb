using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Looper.Testing;
using Looper.Web.Commands;
using Looper.Web.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Commands;

public sealed class StartFaultsTests
{
    [Theory]
    [InlineData("Looper:Database", "Oracle", "Looper:Database: Oracle is not a valid value")]
    [InlineData("Looper:Demo", "perhaps", "Looper:Demo: perhaps is not a valid value")]
    public void A_setting_that_cannot_be_read_is_named_with_its_value(string key, string value, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build();
        using var services = new ServiceCollection().Configure<Core.LooperOptions>(configuration.GetSection("Looper")).BuildServiceProvider();
        var fault = Record.Exception(() => services.GetRequiredService<IOptions<Core.LooperOptions>>().Value);
        Assert.StartsWith(expected, StartFaults.Sentence(fault!));
    }

    [Fact]
    public void A_fault_of_ours_keeps_its_trace() => Assert.Null(StartFaults.Sentence(new InvalidOperationException("broken")));

    [Fact]
    public void A_damaged_file_is_told_without_a_trace() => Assert.Equal("/data/events.db is damaged.", StartFaults.Sentence(new InvalidDataException("/data/events.db is damaged.")));

    [Fact]
    public async Task An_address_that_is_taken_is_said_in_one_line()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        using var directory = new TemporaryDirectory();
        using var process = Process.Start(new ProcessStartInfo("dotnet")
        {
            ArgumentList = { typeof(ServingOptions).Assembly.Location, $"--urls=http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}", $"--Looper:DataDirectory={directory.Path}" },
            RedirectStandardError = true, RedirectStandardOutput = true,
        })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(1, process.ExitCode);
        Assert.Contains("--urls", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.DoesNotContain("   at ", await said);
    }
}
