using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Ledger;

public static class LedgerSetup
{
    public static IServiceCollection AddLedger(this IServiceCollection services) => services
        .AddSingleton<GainMeasuring>().AddSingleton<LedgerActions>().AddSingleton<LedgerQueries>();
}
