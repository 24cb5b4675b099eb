using System.CommandLine;
using System.Data.Common;
using Looper.Core;
using Looper.Core.Access;
using Looper.Core.Backups;
using Looper.Core.Events;
using Looper.Core.Persistence;

namespace Looper.Web.Commands;

/// <summary>Settings given as arguments, <c>--Looper:DataDirectory=DIR</c> or <c>--urls http://localhost:8080</c>, for every command. Read once, at the start.</summary>
public static class Settings
{
    // What watches the settings' folder for a change watches all folders in it, and each write of a journal that lies there would wake it.
    private const string ReadOnce = "--hostBuilder:reloadConfigOnChange=false";

    /// <param name="fault">A sentence on the first that is none; null where all are.</param>
    public static bool TryRead(IReadOnlyList<string> tokens, out string[] settings, out string? fault)
    {
        var read = new List<string> { ReadOnce };
        fault = null;
        for (var i = 0; i < tokens.Count && fault is null; i++)
        {
            var token = tokens[i];
            if (!token.StartsWith("--", StringComparison.Ordinal)) fault = $"Unknown command or argument '{token}'.";
            else if (token.Contains('=', StringComparison.Ordinal)) read.Add(token);
            else if (i + 1 < tokens.Count && !tokens[i + 1].StartsWith("--", StringComparison.Ordinal)) read.Add($"{token}={tokens[++i]}");
            else fault = $"Unknown command or argument '{token}'.";
            fault ??= SettingNames.Fault(token[2..].Split('=')[0]);
        }
        settings = [.. read];
        return fault is null;
    }

    /// <exception cref="StartRefusedException">It is none that Looper knows.</exception>
    public static DatabaseKind DatabaseOf(IConfiguration configuration)
    {
        var given = configuration[$"{LooperOptions.Section}:{nameof(LooperOptions.Database)}"];
        if (string.IsNullOrEmpty(given)) return DatabaseKind.Sqlite;
        return Enum.TryParse<DatabaseKind>(given, ignoreCase: true, out var database) && Enum.IsDefined(database) && !char.IsAsciiDigit(given[0])
            ? database
            : throw new StartRefusedException($"Looper:Database is '{given}'. Give {string.Join(", ", Enum.GetNames<DatabaseKind>())}.");
    }

    /// <summary>Gives a command what it needs to work on the data directory without a server.</summary>
    public static void Works(this Command command, Func<IServiceProvider, ParseResult, CancellationToken, Task<int>> work)
    {
        command.TreatUnmatchedTokensAsErrors = false;
        command.SetAction(async (parsed, cancel) =>
        {
            if (!TryRead(parsed.UnmatchedTokens, out var settings, out var fault))
            {
                await System.Console.Error.WriteLineAsync($"{fault} Ask for {command.Name} --help.");
                return 2;
            }
            var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { Args = settings, ContentRootPath = AppContext.BaseDirectory });
            builder.Logging.ClearProviders().AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace).AddFilter((string?)null, LogLevel.Warning); // stdout is the command's
            DatabaseOf(builder.Configuration);
            builder.Services.AddOptions<LooperOptions>().BindConfiguration(LooperOptions.Section);
            builder.Services.AddCore().AddPersistence().AddAccess().AddEvents().AddBackups();
            var host = builder.Build();
            await using var opened = (IAsyncDisposable)host; // the journal closes only so
            try
            {
                return await work(host.Services, parsed, cancel);
            }
            catch (Exception failed) when (failed is IOException or UnauthorizedAccessException or InvalidDataException or DbException)
            {
                await System.Console.Error.WriteLineAsync(failed.Message); // a full disk or a damaged file is the operator's to mend
                return 2;
            }
        });
    }
}
