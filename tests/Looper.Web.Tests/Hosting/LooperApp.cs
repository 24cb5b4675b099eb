using System.Net.Http.Json;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Persistence;
using Looper.Testing;
using Looper.Testing.Servers;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Identity;
using Microsoft.AspNetCore.Mvc.Testing;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Looper.Web.Tests.Hosting;

/// <summary>The whole program in this process, on a data directory of its own, with verbs of intent. One per test.</summary>
public sealed class LooperApp : IAsyncDisposable
{
    public const string Password = "a sentence nobody else uses 42";
    // one round, where a user's own has 210,000: who signs in is what tests begin with, and how passwords are kept is PasswordHashTests' to say
    private static readonly Lazy<string> Hash = new(() => new PasswordHasher<User>(Options.Create(new PasswordHasherOptions { IterationCount = 1 })).HashPassword(new(), Password));

    private readonly TemporaryDirectory _directory = new();
    private readonly Func<WebApplicationFactory<Program>> _start;
    private WebApplicationFactory<Program> _host;

    /// <param name="settings">Configuration on top of what the program ships with.</param>
    /// <param name="services">Replaces registrations.</param>
    /// <param name="logs">True keeps the log file; else nothing is logged.</param>
    /// <param name="database">Null takes the one of this run.</param>
    /// <param name="migrated">False for a data directory with nothing in it.</param>
    /// <param name="listens">True where other programs are to call it.</param>
    /// <param name="recurs">False where the test does by itself what the schedule would do, and nothing but that may have been done.</param>
    public LooperApp(Dictionary<string, string>? settings = null, Action<IServiceCollection>? services = null, bool migrated = true, bool logs = false, DatabaseKind? database = null, bool listens = false, bool recurs = true)
    {
        var kind = database ?? ServerDatabases.OfThisRun;
        var connectionString = ServerDatabases.CreateAsync(kind).GetAwaiter().GetResult();
        if (migrated && connectionString is null) TestDatabase.CopyTemplateAsync(_directory.Path).GetAwaiter().GetResult();
        _start = () => Listening(listens, new WebApplicationFactory<Program>().WithWebHostBuilder(host =>
        {
            host.UseEnvironment("Production");
            host.UseSetting("Looper:DataDirectory", _directory.Path);
            host.UseSetting("Looper:Database", kind.ToString());
            host.UseSetting("Looper:ConnectionString", connectionString);
            // Tests share one address, and ask faster than people.
            foreach (var limit in new[] { "SignInsPerMinute", "SignInsPerAccountAndMinute", "AnonymousPerSecond", "ManagementPerSecond", "SharedPerMinute" })
                host.UseSetting($"Looper:Limits:{limit}", "10000");
            foreach (var (key, value) in settings ?? []) host.UseSetting(key, value);
            if (!logs) host.ConfigureLogging(l => l.ClearProviders());
            if (services is not null) host.ConfigureServices(services);
            if (!recurs) host.ConfigureServices(s => s.Remove(s.Single(d => d.ServiceType == typeof(IHostedService) && d.ImplementationType?.Name == "SchedulerHost")));
        }));
        _host = _start();
    }

    public string DataDirectory => _directory.Path;

    public IServiceProvider Services => _host.Services;

    public T Get<T>() where T : notnull => Services.GetRequiredService<T>();

    /// <summary>A client with neither cookie nor key.</summary>
    public HttpClient Anonymous()
    {
        _ = Services; // its address is known once it runs
        return _host.CreateClient(new() { AllowAutoRedirect = false, BaseAddress = _host.ClientOptions.BaseAddress });
    }

    /// <summary>A client that keeps no cookies: the test sends its own.</summary>
    public HttpClient Bare() => _host.CreateDefaultClient();

    /// <summary>Stops the program, until it has let go of its data, which stays.</summary>
    public async Task StopAsync()
    {
        await _host.DisposeAsync();
        SqliteConnection.ClearAllPools();
        while (!IsLetGo()) await Task.Delay(20);
    }

    /// <summary>Stops the program and starts it again on the same data.</summary>
    public async Task RestartAsync()
    {
        await StopAsync();
        _host = _start();
    }

    // on a free port of this machine
    private static WebApplicationFactory<Program> Listening(bool listens, WebApplicationFactory<Program> host)
    {
        if (listens) host.UseKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        return host;
    }

    private bool IsLetGo()
    {
        try
        {
            using var held = new FileStream(Path.Combine(DataDirectory, "looper.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    /// <summary>A client signed in, through the API, as a user with this role.</summary>
    public async Task<HttpClient> SignedInAsync(Role role = Role.Admin)
    {
        var user = await UserAsync(role);
        var client = Anonymous();
        using var answer = await client.PostAsJsonAsync("/api/sign-in", new { email = user.Email, password = Password });
        answer.EnsureSuccessStatusCode();
        return client;
    }

    /// <summary>A user with this role, whose password is <see cref="Password"/>.</summary>
    public async Task<User> UserAsync(Role role)
    {
        await using var db = await Get<IDbContextFactory<LooperDb>>().CreateDbContextAsync();
        var id = Get<Ids>().Next();
        var email = $"{role}-{id:N}@example.com".ToLowerInvariant();
        var user = new User
        {
            Id = id, Email = email, EmailKey = UserRules.EmailKey(email), Name = role.ToString(), Role = role,
            PasswordHash = Hash.Value, SecurityStamp = id.ToString("N"), CreatedAt = Get<TimeProvider>().GetUtcNow(),
        };
        db.Add(user);
        await db.SaveChangesAsync();
        await Get<UserRing>().RefreshAsync(default);
        return user;
    }

    /// <summary>A new key as an application would hold it.</summary>
    public async Task<string> KeyAsync(KeyScopes scopes = KeyScopes.Decide | KeyScopes.Observe, params Guid[] decisionPoints)
    {
        var created = await Get<ApiKeyActions>().CreateAsync(Caller.System, new NewApiKey("test", scopes, decisionPoints), default);
        await Get<ApiKeyRing>().RefreshAsync(default);
        return created.Value!.Key;
    }

    /// <summary>A client that sends a new key with these scopes.</summary>
    public async Task<HttpClient> WithKeyAsync(KeyScopes scopes = KeyScopes.Decide | KeyScopes.Observe, params Guid[] decisionPoints)
    {
        var client = Anonymous();
        client.DefaultRequestHeaders.Add("X-Api-Key", await KeyAsync(scopes, decisionPoints));
        return client;
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        SqliteConnection.ClearAllPools();
        _directory.Dispose();
    }
}
