using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Events;
using Looper.Core.Persistence;
using Looper.Web.Commands;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Options;

namespace Looper.Web.Hosting;

/// <summary>What must be in place before the first request, and what the operator is told then.</summary>
internal static partial class LooperStart
{
    /// <exception cref="StartRefusedException">With a sentence for the operator.</exception>
    public static async Task OpenAsync(this WebApplication app)
    {
        var services = app.Services;
        foreach (var name in SettingNames.Unknown(app.Configuration)) UnknownSetting(app.Logger, SettingNames.Fault(name)!); // refused, an older version could not take over a newer one's environment
        services.GetRequiredService<DataDirectory>().Open();
        services.GetRequiredService<CompiledAhead>().Begin();
        var (keys, users) = (services.GetRequiredService<ApiKeyRing>(), services.GetRequiredService<UserRing>());
        try
        {
            await services.GetRequiredService<DatabaseOpening>().OpenAsync(CancellationToken.None);
            await services.GetRequiredService<DemoAccount>().OpenAsync(services.GetRequiredService<IOptions<LooperOptions>>().Value.Demo, CancellationToken.None);
            await keys.RefreshAsync(CancellationToken.None);
            await users.RefreshAsync(CancellationToken.None);
        }
        catch (Exception fault) when (DatabaseFaults.IsAway(fault))
        {
            if (!keys.TryRemember() || !users.TryRemember())
            {
                if (DatabaseFaults.Unusable(services.GetRequiredService<DataDirectory>().File("looper.db"), fault) is { } why) throw new StartRefusedException(why, fault);
                if (DatabaseFaults.IsRefusing(fault)) throw; // told in its own words
                throw new StartRefusedException(
                    $"The database does not answer, and this node has never read it, so there is nothing to start from: {fault.Message} Check Looper:ConnectionString and the server, then start again.", fault);
            }
            services.GetRequiredService<DatabaseAvailability>().Failed(fault);
        }
        OpenJournal(services);
        var token = users.IsEmpty ? services.GetRequiredService<SetupToken>().Draw() : null;
        app.Lifetime.ApplicationStarted.Register(() => Tell(app, token));
    }

    private static void OpenJournal(IServiceProvider services)
    {
        try
        {
            services.GetRequiredService<Journal>();
        }
        catch (Exception fault) when (DatabaseFaults.Unusable(services.GetRequiredService<JournalOptions>().Path, fault) is { } why)
        {
            throw new StartRefusedException(why, fault);
        }
    }

    /// <summary>Serves until it is stopped. What has started is stopped also when the rest could not start: the scheduler's thread
    /// would otherwise keep the process.</summary>
    public static async Task ServeAsync(this WebApplication app)
    {
        await using (app)
        {
            try
            {
                await app.StartAsync();
            }
            catch
            {
                await StopAsync(app);
                throw;
            }
            await app.WaitForShutdownAsync();
        }
    }

    private static async Task StopAsync(WebApplication app)
    {
        try
        {
            await app.StopAsync();
        }
        catch (ArgumentNullException)
        {
            // Refused for a setting, the host has made nothing yet that it could stop, and says that instead of the reason.
        }
    }

    private static void Tell(WebApplication app, string? token)
    {
        var address = app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "http://localhost";
        Listening(app.Logger, address, app.Services.GetRequiredService<DataDirectory>().Path);
        // After the # sign: no server or proxy on the way ever sees it.
        if (token is not null) Token(app.Logger, $"{address.Replace("://[::]", "://localhost", StringComparison.Ordinal).Replace("://0.0.0.0", "://localhost", StringComparison.Ordinal)}/setup#{token}");
    }

    [LoggerMessage(1001, LogLevel.Information, "start.listening: {Address}, data in {Directory}")]
    private static partial void Listening(ILogger log, string address, string directory);

    [LoggerMessage(1006, LogLevel.Warning, "start.setting-unknown: {Fault} It changes nothing. All settings stand in appsettings.json", EventName = "start.setting-unknown")]
    private static partial void UnknownSetting(ILogger log, string fault);

    [LoggerMessage(1002, LogLevel.Information, "start.setup-token: nobody has an account yet. Set Looper up at {Address}")]
    private static partial void Token(ILogger log, string address);
}
