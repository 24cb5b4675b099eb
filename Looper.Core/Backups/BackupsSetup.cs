using Looper.Core.Decisions;
using Looper.Core.Decisions.Erasure;
using Looper.Core.Decisions.Import;
using Microsoft.Extensions.DependencyInjection;

namespace Looper.Core.Backups;

public static class BackupsSetup
{
    /// <summary>For the commands, which work without a server.</summary>
    public static IServiceCollection AddBackups(this IServiceCollection services) =>
        services.AddSingleton<BackupActions>().AddSingleton<RestoreActions>().AddSingleton<ImportFiles>().AddSingleton<LateDecisions>().AddSingleton<ErasureActions>().AddSingleton<ErasuresAgain>().AddSingleton<RefillActions>();
}
