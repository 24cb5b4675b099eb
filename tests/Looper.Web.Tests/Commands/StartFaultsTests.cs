using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Looper.Testing;
using Looper.Web.Commands;
using Looper.Web.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Commands;

public sealed class StartFaultsTests
{
    [Theory]
    [InlineData("Looper:Database", "Oracle", "Looper:Database: Oracle is not a valid value")]
    [InlineData("Looper:Demo", "perhaps", "Looper:Demo: perhaps is not a valid value")]
    [InlineData("Looper:Limits:BodyBytes", "much", "Looper:Limits:BodyBytes: much is not a valid value")]
    [InlineData("Looper:Jobs:Poll", "often", "Looper:Jobs:Poll: often is not a valid value")]
    public void A_setting_that_cannot_be_read_is_named_with_its_value(string key, string value, string expected)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { [key] = value }).Build();
        using var services = new ServiceCollection().Configure<Core.LooperOptions>(configuration.GetSection("Looper"))
            .Configure<LimitOptions>(configuration.GetSection("Looper:Limits")).Configure<Looper.Jobs.JobsOptions>(configuration.GetSection("Looper:Jobs")).BuildServiceProvider();
        var fault = Record.Exception(() => (services.GetRequiredService<IOptions<Core.LooperOptions>>().Value, services.GetRequiredService<IOptions<LimitOptions>>().Value, services.GetRequiredService<IOptions<Looper.Jobs.JobsOptions>>().Value));
        Assert.StartsWith(expected, StartFaults.Sentence(fault!));
        Assert.DoesNotContain("Parameter", StartFaults.Sentence(fault!));
    }

    [Fact]
    public void A_setting_out_of_range_is_named_as_the_operator_knows_it()
    {
        var limits = new OptionsValidationException("", typeof(LimitOptions), ["BodyBytes: The field LimitOptions.BodyBytes must be between 65536 and 1073741824."]);
        var jobs = new OptionsValidationException("", typeof(Looper.Jobs.JobsOptions), ["DataAnnotation validation failed for 'JobsOptions' members: 'Poll' with the error: 'The field Poll must be between 00:00:00.1000000 and 00:01:00.'."]);
        Assert.Equal("Looper:Limits:BodyBytes must be between 65536 and 1073741824.", StartFaults.Sentence(limits));
        Assert.Equal("Looper:Limits:BodyBytes must be between 65536 and 1073741824. Looper:Jobs:Poll must be between 00:00:00.1000000 and 00:01:00.", StartFaults.Sentence(new AggregateException(limits, jobs)));
        Assert.Null(StartFaults.Sentence(new AggregateException(limits, new InvalidOperationException("broken"))));
    }

    [Fact]
    public void An_address_that_is_none_is_told_with_one_that_is()
    {
        Assert.Equal("Invalid url: 'nonsense'. Give an address to listen on, such as --urls http://localhost:5001.", StartFaults.Sentence(Record.Exception(() => BindingAddress.Parse("nonsense"))!));
        Assert.StartsWith("A port to listen on is 0 to 65535.", StartFaults.Sentence(Record.Exception(() => new IPEndPoint(IPAddress.Loopback, 99_999))!), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Looper:Jobs:Poll=01:00:00", "Looper:Jobs:Poll must be between 00:00:00.1000000 and 00:01:00.")]
    [InlineData("--urls=ftp://127.0.0.1:0", "Unrecognized scheme in server address 'ftp://127.0.0.1:0'. Only 'http://' and 'https://' are supported. Or choose another address, such as --urls http://localhost:5001.")]
    [InlineData("--Looper:TrustedProxies=10.0.0.4; proxy.example.com", "Looper:TrustedProxies holds 'proxy.example.com', which is neither an address nor a network. Name the proxies in front of Looper, such as 10.0.0.4;10.1.0.0/16.")]
    [InlineData("--Looper:TrustedProxies=10.0.0.0/99", "Looper:TrustedProxies holds '10.0.0.0/99', which is neither an address nor a network. Name the proxies in front of Looper, such as 10.0.0.4;10.1.0.0/16.")]
    public async Task What_keeps_it_from_starting_is_said_in_one_line(string argument, string expected)
    {
        using var directory = new TemporaryDirectory();
        var (code, said, error) = await StartAsync(argument, $"--Looper:DataDirectory={directory.Path}");
        Assert.Equal((1, expected), (code, error.TrimEnd()));
        Assert.DoesNotContain("   at ", said);
    }

    [Theory, InlineData("looper.db", "SQLite Error 10: 'disk I/O error'"), InlineData("events.db", "SQLite Error 14: 'unable to open database file'")] // a folder where the file should be: as little can be opened as where the account may not
    public async Task A_database_file_that_cannot_be_opened_is_told_with_its_path(string file, string why)
    {
        using var directory = new TemporaryDirectory();
        Directory.CreateDirectory(directory.File(file));
        var (code, said, error) = await StartAsync("--urls=http://127.0.0.1:0", $"--Looper:DataDirectory={directory.Path}");
        Assert.Equal((1, $"{directory.File(file)} cannot be opened: {why}. Let Looper's account read and write it and its folder, and see that the disk has room, then start again."), (code, error.TrimEnd()));
        Assert.DoesNotContain("   at ", said);
    }

    [Fact]
    public void A_server_that_refuses_is_told_in_its_own_words_with_what_to_look_at()
    {
        var sentence = StartFaults.Sentence(new Npgsql.PostgresException("password authentication failed for user \"looper\"", "FATAL", "FATAL", "28P01"));
        Assert.Equal("The database server refuses this node: 28P01: password authentication failed for user \"looper\". Correct Looper:ConnectionString, or what its account may do there, then start again.", sentence);
        Assert.Null(StartFaults.Sentence(new Npgsql.PostgresException("relation \"users\" does not exist", "ERROR", "ERROR", "42P01")));
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
        var (code, said, error) = await StartAsync($"--urls=http://127.0.0.1:{((IPEndPoint)other.LocalEndpoint).Port}", $"--Looper:DataDirectory={directory.Path}");
        Assert.Equal(1, code);
        Assert.Contains("--urls", Assert.Single(error.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.DoesNotContain("   at ", said);
    }

    private static async Task<(int Code, string Said, string Error)> StartAsync(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("dotnet", [typeof(ServingOptions).Assembly.Location, .. arguments]) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var said = process.StandardOutput.ReadToEndAsync();
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync().WaitAsync(TimeSpan.FromMinutes(2));
        return (process.ExitCode, await said, error);
    }
}
