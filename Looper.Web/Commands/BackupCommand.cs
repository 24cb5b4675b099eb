using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Backups;

namespace Looper.Web.Commands;

internal static class BackupCommand
{
    public static Command Create()
    {
        var to = new Option<string>("--to") { Description = "Folder to make. It will hold keys: keep it as safe as the data directory.", Required = true };
        var command = new Command("backup", "Copy the data directory as it is at one moment, while it is being served or not.") { to };
        command.Works(async (services, parsed, cancel) =>
        {
            var started = Stopwatch.GetTimestamp();
            var made = await services.GetRequiredService<BackupActions>().RunAsync(parsed.GetRequiredValue(to), cancel);
            if (made.Refusal is { } refusal)
            {
                await System.Console.Error.WriteLineAsync(refusal.Reason);
                return 2;
            }
            var manifest = made.Value!;
            await System.Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"Backed up {manifest.Decisions:N0} decisions and {manifest.Observations:N0} observations, {manifest.Files.Count} files, {manifest.Files.Sum(f => f.Bytes) / 1e6:N1} MB, in {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s."));
            if (manifest.Database != DatabaseKind.Sqlite)
                await System.Console.Out.WriteLineAsync("Not in it: what people edit, accounts and jobs, which are on the database server. Back that up now, after this, with the server's own tools (pg_dump).");
            if (manifest.Corrupt == 0) return 0;
            await System.Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"{manifest.Corrupt:N0} records fail their checksum, in the data directory as in the backup, and are left out of everything; the log names them. An older backup may hold them whole."));
            return 1;
        });
        return command;
    }
}
