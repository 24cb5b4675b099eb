using System.CommandLine;
using System.Diagnostics;
using System.Globalization;
using Looper.Core;
using Looper.Core.Backups;
using Looper.Core.Events;
using Looper.Core.Events.Shipping;
using Looper.Core.Persistence;
using Looper.Web.Hosting;
using Microsoft.Extensions.Options;

namespace Looper.Web.Commands;

internal static class RefillCommand
{
    private const long TellEvery = 100_000;

    public static Command Create()
    {
        var command = new Command("refill", "Bring the events on the database server back into the data directory, while no server runs on it: after its disk was lost, or a restore.");
        command.Works(async (services, parsed, cancel) =>
        {
            await using var store = ShippingSetup.StoreOf(services.GetRequiredService<IOptions<LooperOptions>>().Value);
            services.GetRequiredService<DataDirectory>().Open(refilling: true);
            await services.GetRequiredService<DatabaseStart>().OpenAsync(cancel);
            var (started, told) = (Stopwatch.GetTimestamp(), 0L);
            using var shipper = ActivatorUtilities.CreateInstance<JournalShipper>(services, store, new ShippingOptions());
            var refilled = await services.GetRequiredService<RefillActions>().RunAsync(store, shipper, Tell, cancel);
            if (refilled.Value is not var (events, server))
            {
                await System.Console.Error.WriteLineAsync(refilled.Refusal!.Reason);
                return 2;
            }
            await System.Console.Out.WriteLineAsync(string.Create(CultureInfo.InvariantCulture,
                $"The journal holds {events.Decisions:N0} decisions and {events.Observations:N0} observations, every record checked, after {Stopwatch.GetElapsedTime(started).TotalSeconds:F1} s. Erasures looked for: {events.Receipts:N0}; units erased again: {events.Units:N0}."));
            var corrupt = services.GetRequiredService<CorruptRecords>().Count;
            if (corrupt > 0) await System.Console.Error.WriteLineAsync($"{corrupt} records fail their checksum and are left out of everything; the log names them.");
            if (server.Refused > 0) await System.Console.Error.WriteLineAsync(NotTaken(server));
            return corrupt + server.Refused == 0 ? 0 : 1;

            void Tell(long read)
            {
                if (read < told + TellEvery) return;
                told = read;
                System.Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{read:N0} events read."));
            }
        });
        return command;
    }

    private static string NotTaken(RefilledEvents read) => string.Create(CultureInfo.InvariantCulture,
        $"{read.Refused:N0} events of the server were not taken, because the journal holds others of the same ids: {string.Join(", ", read.FirstRefused)}{(read.Refused > read.FirstRefused.Length ? ", …" : "")}. They stay on the server.");
}
