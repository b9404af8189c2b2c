#Requires -Version 7.0
<#
.SYNOPSIS
    Removes what Configure.ps1 made from an external tenant: npm run cleanup for PowerShell.
.PARAMETER TenantId
    The tenant's GUID, or one of its domains, such as contoso.onmicrosoft.com.
.PARAMETER AzureEnvironmentName
    AzureCloud, the only cloud with External ID.
.PARAMETER Options
    Other options of npm run cleanup, such as --purge or --yes. --help lists all.
.EXAMPLE
    ./Cleanup.ps1 -TenantId 00001111-aaaa-2222-bbbb-3333cccc4444 -AzureEnvironmentName AzureCloud
#>
[CmdletBinding(PositionalBinding = $false)]
param(
    [string] $TenantId,
    [string] $AzureEnvironmentName,
    [Parameter(ValueFromRemainingArguments)] [string[]] $Options = @()
)
$ErrorActionPreference = 'Stop'

$tsx = Join-Path $PSScriptRoot '..' 'node_modules' 'tsx' 'dist' 'cli.mjs'
$main = Join-Path $PSScriptRoot '..' 'src' 'registration' 'main.ts'
if (-not (Get-Command node -ErrorAction SilentlyContinue)) {
    Write-Error 'Node.js not found. Install version 20.19 or newer from https://nodejs.org, open a new terminal and run this script again.'
}
if (-not (Test-Path $tsx)) { Write-Error 'tsx not found. Run npm ci in the folder of the sample first.' }

$arguments = @('cleanup')
if ($TenantId) { $arguments += '--tenant', $TenantId }
if ($AzureEnvironmentName) { $arguments += '--environment', $AzureEnvironmentName }
Push-Location (Join-Path $PSScriptRoot '..')
try { & node $tsx $main @arguments @Options } finally { Pop-Location }
exit $LASTEXITCODE
